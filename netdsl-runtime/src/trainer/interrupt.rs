//! Ending a training from the keyboard.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use signal_hook::consts::SIGINT;
use signal_hook::{SigId, flag, low_level};

use crate::error::Error;

/// Whether ctrl-C has been pressed since this was made; pressed a second time, it ends the process as ever.
#[derive(Debug)]
pub(super) struct Interrupt {
    pressed: Arc<AtomicBool>,
    handlers: [SigId; 2],
}

/// What a shell says of a process that ctrl-C has ended.
const STATUS: i32 = 130;

/// Whether no training listens. The handler of the system is gone for good once another has been set, so that a press has to be
/// made to do then what it would have done without.
static NOBODY: AtomicBool = AtomicBool::new(true);

static LISTENING: Mutex<Listening> = Mutex::new(Listening { default: false, trainings: 0 });

/// What [`NOBODY`] depends on.
struct Listening {
    /// Whether the process has the handler that looks at it.
    default: bool,
    /// How many trainings listen; they may be on several threads.
    trainings: usize,
}

impl Listening {
    fn lock() -> MutexGuard<'static, Self> {
        // Nothing in between can panic, and two numbers are whole at every moment.
        LISTENING.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&mut self, trainings: usize) {
        self.trainings = trainings;
        NOBODY.store(trainings == 0, Ordering::SeqCst);
    }
}

impl Interrupt {
    pub(super) fn new() -> Result<Self, Error> {
        let mut listening = Listening::lock();
        let pressed = Arc::new(AtomicBool::new(false));
        let mut register = || -> std::io::Result<_> {
            if !listening.default {
                flag::register_conditional_default(SIGINT, &NOBODY)?;
                listening.default = true;
            }
            // In the order of their making: the first press finds the flag down.
            let second = flag::register_conditional_shutdown(SIGINT, STATUS, Arc::clone(&pressed))?;
            Ok([second, flag::register(SIGINT, Arc::clone(&pressed))?])
        };
        let handlers = register().map_err(Error::write("the handler of ctrl-C"))?;
        let trainings = listening.trainings + 1;
        listening.count(trainings);
        Ok(Self { pressed, handlers })
    }

    pub(super) fn pressed(&self) -> bool {
        self.pressed.load(Ordering::Relaxed)
    }
}

impl Drop for Interrupt {
    fn drop(&mut self) {
        // First, so that no press finds neither this training nor the default.
        let mut listening = Listening::lock();
        let trainings = listening.trainings - 1;
        listening.count(trainings);
        for handler in self.handlers {
            low_level::unregister(handler);
        }
    }
}
