//! Ending a training from the keyboard.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

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

impl Interrupt {
    pub(super) fn new() -> Result<Self, Error> {
        let pressed = Arc::new(AtomicBool::new(false));
        // In the order of their making: the first press finds the flag down.
        let register = || -> std::io::Result<_> {
            let second = flag::register_conditional_shutdown(SIGINT, STATUS, Arc::clone(&pressed))?;
            Ok([second, flag::register(SIGINT, Arc::clone(&pressed))?])
        };
        let handlers = register().map_err(Error::write("the handler of ctrl-C"))?;
        Ok(Self { pressed, handlers })
    }

    pub(super) fn pressed(&self) -> bool {
        self.pressed.load(Ordering::Relaxed)
    }
}

impl Drop for Interrupt {
    fn drop(&mut self) {
        for handler in self.handlers {
            low_level::unregister(handler);
        }
    }
}
