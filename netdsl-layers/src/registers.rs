//! The registers that the kernels compute with: the widest that the processor has.

use pulp::{Arch, WithSimd};

/// Has the work done with the registers that there are.
#[inline(always)]
pub(crate) fn dispatch<W: WithSimd>(work: W) -> W::Output {
    #[cfg(feature = "registers")]
    if let Some(arch) = chosen::CHOSEN.get() {
        return arch.dispatch(work);
    }
    Arch::new().dispatch(work)
}

/// What a thread computes with, for others that work for it: some of what it has them work on is packed for its registers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Registers {
    #[cfg(feature = "registers")]
    chosen: Option<Arch>,
}

impl Registers {
    pub(crate) fn of_this_thread() -> Self {
        Self {
            #[cfg(feature = "registers")]
            chosen: chosen::CHOSEN.get(),
        }
    }

    /// Does the work with them on another thread.
    pub(crate) fn elsewhere<R>(self, work: impl FnOnce() -> R) -> R {
        #[cfg(feature = "registers")]
        let _reset = chosen::choose(self.chosen);
        work()
    }
}

#[cfg(feature = "registers")]
pub use chosen::on_all_registers;

#[cfg(feature = "registers")]
mod chosen {
    use std::cell::Cell;

    use pulp::Arch;

    thread_local! {
        /// What this thread computes with in place of the widest registers.
        pub(super) static CHOSEN: Cell<Option<Arch>> = const { Cell::new(None) };
    }

    /// Goes back to the widest registers, also where a test fails.
    pub(super) struct Reset;

    impl Drop for Reset {
        fn drop(&mut self) {
            CHOSEN.set(None);
        }
    }

    /// Computes with these until what it returns is dropped.
    pub(super) fn choose(arch: Option<Arch>) -> Reset {
        CHOSEN.set(arch);
        Reset
    }

    /// Does the work with all kinds of registers that the processor has, those of single numbers first, and returns what each
    /// is called and what comes of it. For tests, behind the feature `registers`.
    pub fn on_all_registers<R>(mut work: impl FnMut() -> R) -> Vec<(String, R)> {
        #[cfg(target_arch = "x86_64")]
        let wider = [pulp::x86::V3::try_new().map(Arch::V3), pulp::x86::V4::try_new().map(Arch::V4)];
        #[cfg(not(target_arch = "x86_64"))]
        let wider = [Some(Arch::new())];
        let _reset = Reset;
        let on = |arch: Arch| {
            CHOSEN.set(Some(arch));
            let name = format!("{arch:?}");
            (name.split('(').next().unwrap_or_default().into(), work())
        };
        std::iter::once(Arch::Scalar).chain(wider.into_iter().flatten()).map(on).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::on_all_registers;

    /// A build for a processor runs on it, or on what plays it.
    #[test]
    fn the_kinds_are_those_of_the_build_at_least() {
        let kinds = on_all_registers(|| ());
        let has = |name: &str| kinds.iter().any(|(kind, ())| kind == name);
        assert_eq!(kinds[0].0, "Scalar");
        assert!(has("V3") || !cfg!(all(target_feature = "avx2", target_feature = "fma")), "{kinds:?}");
        assert!(
            has("V4") || !cfg!(all(target_feature = "avx512f", target_feature = "avx512vl")),
            "{kinds:?}"
        );
    }
}
