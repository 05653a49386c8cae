//! What is printed of checked files, one file for each format.

use crate::check::CheckedFile;

/// Declares the modules and lists the formats: one line for each.
macro_rules! formats {
    ($($module:ident::$name:ident,)*) => {
        $(mod $module;)*

        /// All formats, the default one first.
        pub const FORMATS: &[&dyn Format] = &[$(&$module::$name,)*];
    };
}

formats! {
    human::Human,
    concise::Concise,
    json::Json,
    github::Github,
    sarif::Sarif,
}

mod chart;
mod depth;
mod diff;
mod picture;

pub use chart::render_chart;
pub use concise::render_findings;
pub use diff::render_diff;
pub use human::render_errors;
pub use picture::{Pictured, render_page, render_svg};

/// A way to print findings.
pub trait Format: Sync {
    /// The name, as a person chooses it.
    fn name(&self) -> &'static str;

    /// The text for some files, ending in a line break where it is not empty.
    ///
    /// `styled` says whether a terminal that shows colours reads it.
    fn render(&self, files: &[CheckedFile], styled: bool) -> String;

    /// What they come to with the errors that are said elsewhere, such as a file that can't be read; empty where only
    /// findings are printed.
    fn summary(&self, _files: &[CheckedFile], _errors: usize) -> String {
        String::new()
    }
}

impl dyn Format {
    /// The format of that name.
    pub fn named(name: &str) -> Option<&'static dyn Format> {
        FORMATS.iter().copied().find(|format| format.name() == name)
    }
}
