//! From a block to the struct, its implementations and its warnings.

use std::path::{Path, PathBuf};

use netdsl_layers::{ACTIVATIONS, Expression, LAYERS, LOSSES, Layer, OPTIMIZERS, Optimizer, Shape};
use netdsl_lint::language::{Block, Failure, Header, Network, parse, resolve};
use netdsl_lint::lint::lint;
use netdsl_lint::settings::SettingsFile;
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use crate::errors::errors;
use crate::warnings::warnings;

/// The expansion of a block; where the block is wrong, every error and a stub in its place.
pub(crate) fn network(tokens: TokenStream) -> TokenStream {
    let block = match parse(tokens, Span::call_site()) {
        Ok(block) => block,
        Err(Failure { header, problems, places }) => {
            let errors = errors(&problems, &places);
            let stub = stub(&header);
            return quote!(#errors #stub);
        }
    };
    match resolve(&block) {
        Ok(network) => expand(&block, network, project()),
        Err(problems) => {
            let errors = errors(&problems, &block.places);
            let tree = &block.network;
            let stub = stub(&Header { visibility: tree.visibility.clone(), name: Some(tree.name.clone()) });
            quote!(#errors #stub)
        }
    }
}

/// The settings of the package that is compiled; an error of the compiler where they can't be read.
fn project() -> (SettingsFile, TokenStream) {
    let folder = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    match folder.map_or_else(|| Ok(SettingsFile::default()), |folder| SettingsFile::of_package(&folder)) {
        Ok(file) => {
            // Cargo builds again when the file changes: a macro can tell it of a file only in this way.
            let tracked = file.path.as_deref().and_then(Path::to_str).map(|path| {
                quote!(
                    const _: &[u8] = ::core::include_bytes!(#path);
                )
            });
            (file, tracked.unwrap_or_default())
        }
        Err(error) => {
            let message = error.to_string();
            (SettingsFile::default(), quote!(::core::compile_error! { #message }))
        }
    }
}

fn expand(block: &Block, network: Network, project: (SettingsFile, TokenStream)) -> TokenStream {
    let tree = &block.network;
    let (file, tracked) = project;
    let report = lint(block, network, &file.settings);
    let warnings = warnings(&report, &block.places);
    let network = &report.network;
    let name = &tree.name;
    let attributes = &tree.attributes;
    let visibility = &tree.visibility;
    let constants = block.constants.iter().map(|constant| {
        let (attributes, name, value) = (&constant.attributes, &constant.name, constant.value);
        quote! {
            #attributes
            pub const #name: usize = #value;
        }
    });
    let optimizer = network.optimizer.as_deref().map(|optimizer: &dyn Optimizer| {
        let (ty, value) = (tokens(optimizer.type_expression()), tokens(optimizer.value_expression()));
        quote! {
            /// The declared optimizer.
            pub fn optimizer() -> #ty {
                #value
            }
        }
    });
    let links = links(block);
    let forecast = tokens(report.forecast.value_expression());
    let declaration = block.to_string();
    let implementation = implementation(
        name,
        &Declared {
            layers: (tokens(network.layers.type_expression()), tokens(network.layers.value_expression())),
            loss: (tokens(network.loss.type_expression()), tokens(network.loss.value_expression())),
            input: feature_shape(network.input),
            output: feature_shape(network.layers.output()),
            batch: network.batch,
        },
    );
    quote! {
        #attributes
        #visibility struct #name<T: ::netdsl::Element = f32> {
            tensors: ::netdsl::Tensors<T>,
        }

        impl #name<f32> {
            #(#constants)*

            /// What the compiler forecasts of this network at initialisation.
            // A figure that happens to be near a constant of mathematics is no misspelt one.
            #[allow(clippy::approx_constant)]
            pub const FORECAST: ::netdsl::Forecast = #forecast;

            /// The declaration, as text: one entry a line, constants by their values.
            pub const DECLARATION: &'static str = #declaration;

            /// The network with parameters drawn from this seed.
            pub fn new(seed: u64) -> Self {
                <Self as ::netdsl::Network<f32>>::with_seed(seed)
            }

            /// The network with the parameters and statistics of a file; see [`Network::load`](::netdsl::Network::load).
            pub fn load(path: impl ::core::convert::AsRef<::std::path::Path>) -> ::core::result::Result<Self, ::netdsl::Error> {
                <Self as ::netdsl::Network<f32>>::load(path)
            }

            #optimizer
        }

        #implementation
        #links
        #tracked
        #warnings
    }
}

/// The names in the block as the types that they stand for, so that an editor shows their documentation.
fn links(block: &Block) -> TokenStream {
    let kinds = || {
        let layers = LAYERS.iter().map(|kind| kind.name);
        let activations = ACTIVATIONS.iter().map(|kind| kind.name);
        let losses = LOSSES.iter().map(|kind| kind.name);
        layers.chain(activations).chain(losses).chain(OPTIMIZERS.iter().map(|kind| kind.name))
    };
    let mut links = TokenStream::new();
    block.network.each_call(&mut |call| {
        if kinds().any(|kind| kind == call.name) {
            let name = Ident::new(&call.name, block.places.extent(call.name_place).first);
            links.extend(quote!(use ::netdsl::layers::#name as _;));
        }
    });
    quote! {
        #[allow(unused_imports)]
        const _: () = { #links };
    }
}

/// What an implementation of `Network` is made of.
struct Declared {
    layers: (TokenStream, TokenStream),
    loss: (TokenStream, TokenStream),
    input: TokenStream,
    output: TokenStream,
    batch: usize,
}

fn implementation(name: &Ident, declared: &Declared) -> TokenStream {
    let Declared { layers, loss, input, output, batch } = declared;
    let ((layers_type, layers), (loss_type, loss)) = (layers, loss);
    let text = name.to_string();
    quote! {
        const _: () = {
            static LAYERS: #layers_type = #layers;
            static LOSS: #loss_type = #loss;
            static FORECAST: ::netdsl::Forecast = #name::<f32>::FORECAST;

            impl<T: ::netdsl::Element> ::netdsl::Network<T> for #name<T> {
                type Layers = #layers_type;
                type Input = #input;
                type Output = #output;
                type Loss = #loss_type;
                const NAME: &'static str = #text;
                const BATCH: usize = #batch;

                fn layers() -> &'static Self::Layers {
                    &LAYERS
                }
                fn declared_loss() -> &'static Self::Loss {
                    &LOSS
                }
                fn forecast() -> &'static ::netdsl::Forecast {
                    &FORECAST
                }
                fn tensors(&self) -> &::netdsl::Tensors<T> {
                    &self.tensors
                }
                fn tensors_mut(&mut self) -> &mut ::netdsl::Tensors<T> {
                    &mut self.tensors
                }
                fn from_tensors(tensors: ::netdsl::Tensors<T>) -> Self {
                    Self { tensors }
                }
            }
        };
    }
}

/// The type that carries a shape.
fn feature_shape(shape: Shape) -> TokenStream {
    match *shape.sizes() {
        [features] => quote!(::netdsl::Features<#features>),
        [time, features] => quote!(::netdsl::Sequence<#time, #features>),
        [channels, height, width] => quote!(::netdsl::Image<#channels, #height, #width>),
        _ => unreachable!("a shape has one to three axes"),
    }
}

/// A struct of that name with everything that a network has, so that the rest of the crate gives no further errors.
fn stub(header: &Header) -> TokenStream {
    let Some(name) = &header.name else { return TokenStream::new() };
    let visibility = &header.visibility;
    let implementation = implementation(
        name,
        &Declared {
            layers: (
                quote!(::netdsl::layers::Identity),
                quote!(::netdsl::layers::Identity { input: ::netdsl::layers::Shape::features(1) }),
            ),
            loss: (quote!(::netdsl::layers::MeanSquaredError), quote!(::netdsl::layers::MeanSquaredError {})),
            input: quote!(::netdsl::Features<1>),
            output: quote!(::netdsl::Features<1>),
            batch: 32,
        },
    );
    quote! {
        #visibility struct #name<T: ::netdsl::Element = f32> {
            tensors: ::netdsl::Tensors<T>,
        }

        impl #name<f32> {
            #[allow(missing_docs, dead_code)]
            pub const FORECAST: ::netdsl::Forecast = ::netdsl::Forecast::unknown();

            #[allow(missing_docs, dead_code)]
            pub const DECLARATION: &'static str = "";

            #[allow(missing_docs, dead_code)]
            pub fn new(seed: u64) -> Self {
                <Self as ::netdsl::Network<f32>>::with_seed(seed)
            }

            #[allow(missing_docs, dead_code)]
            pub fn load(path: impl ::core::convert::AsRef<::std::path::Path>) -> ::core::result::Result<Self, ::netdsl::Error> {
                <Self as ::netdsl::Network<f32>>::load(path)
            }

            #[allow(missing_docs, dead_code)]
            pub fn optimizer() -> ::netdsl::layers::Sgd {
                ::core::default::Default::default()
            }
        }

        #implementation
    }
}

/// Text that this project itself writes, as tokens.
fn tokens(text: String) -> TokenStream {
    text.parse().unwrap_or_else(|error| panic!("`{text}` is no Rust: {error}"))
}
