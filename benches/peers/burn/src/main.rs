//! burn with its flex backend: `burn-peer WORKLOAD THREADS [cold]`
#[path = "../../protocol.rs"]
mod protocol;
use burn::module::Module;
use burn::nn::{
    BatchNorm, BatchNormConfig, Linear, LinearConfig, Lstm, LstmConfig, PaddingConfig2d,
    conv::{Conv2d, Conv2dConfig},
    loss::{CrossEntropyLossConfig, MseLoss, Reduction},
    pool::{AvgPool2d, AvgPool2dConfig},
};
use burn::optim::{AdamConfig, GradientsParams, SgdConfig, momentum::MomentumConfig};
use burn::tensor::{Device, Int, Tensor, TensorData, activation};
use protocol::*;
#[derive(Module, Debug)]
struct Net {
    ls: Vec<Linear>,
    bn: Vec<BatchNorm>,
    conv: Vec<Conv2d>,
    lstm: Vec<Lstm>,
    pool: AvgPool2d,
}
fn fwd(
    m: &Net,
    w: &str,
    x2: &Option<Tensor<2>>,
    x3: &Option<Tensor<3>>,
    x4: &Option<Tensor<4>>,
) -> Tensor<2> {
    let mut h: Tensor<2> = match w {
        "w5" => {
            let mut h = x4.clone().unwrap();
            for c in &m.conv {
                h = m.pool.forward(c.forward(h).tanh());
            }
            h.flatten(1, 3)
        }
        "w6" => {
            let (_, s) = m.lstm[0].forward(x3.clone().unwrap(), None);
            s.hidden
        }
        _ => x2.clone().unwrap(),
    };
    let n = m.ls.len();
    for (i, l) in m.ls.iter().enumerate() {
        h = l.forward(h);
        if i + 1 < n {
            if w == "w4" {
                h = m.bn[i].forward(h)
            }
            h = match w {
                "w1" => activation::sigmoid(h),
                "w5" | "w7" => h.tanh(),
                _ => activation::relu(h),
            };
        }
    }
    h
}
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let w = a[1].as_str();
    let thr: usize = a[2].parse().unwrap();
    let peer = std::env::var("PEER").unwrap_or("burn-flex".into());
    let dev = Device::flex().autodiff();
    let mut r = Rng(88172645463325252);
    let (b, sz) = sizes(w);
    let lin: Vec<usize> = match w {
        "w5" => vec![400, 120, 84, 10],
        "w6" => vec![128, 10],
        _ => sz.clone(),
    };
    let net = Net {
        ls: lin.windows(2).map(|p| LinearConfig::new(p[0], p[1]).init(&dev)).collect(),
        bn: if w == "w4" { (0..8).map(|_| BatchNormConfig::new(128).init(&dev)).collect() } else { vec![] },
        conv: if w == "w5" {
            vec![
                Conv2dConfig::new([1, 6], [5, 5])
                    .with_padding(PaddingConfig2d::Explicit(2, 2, 2, 2))
                    .init(&dev),
                Conv2dConfig::new([6, 16], [5, 5]).init(&dev),
            ]
        } else {
            vec![]
        },
        lstm: if w == "w6" { vec![LstmConfig::new(32, 128, true).init(&dev)] } else { vec![] },
        pool: AvgPool2dConfig::new([2, 2]).with_strides([2, 2]).init(),
    };
    let (mut x2, mut x3, mut x4) = (None, None, None);
    match w {
        "w5" => x4 = Some(Tensor::<4>::from_data(TensorData::new(r.v(b * 784), [b, 1, 28, 28]), &dev)),
        "w6" => x3 = Some(Tensor::<3>::from_data(TensorData::new(r.v(b * 3200), [b, 100, 32]), &dev)),
        _ => x2 = Some(Tensor::<2>::from_data(TensorData::new(r.v(b * sz[0]), [b, sz[0]]), &dev)),
    }
    let mse = matches!(w, "w1" | "w7");
    let yf = Tensor::<2>::from_data(TensorData::new(r.v(b), [b, 1]), &dev);
    let yi = Tensor::<1, Int>::from_data(
        TensorData::new((0..b).map(|_| (r.f() * 10.0) as i32).collect::<Vec<_>>(), [b]),
        &dev,
    );
    let ce = CrossEntropyLossConfig::new().init(&dev);
    let (mut opt, lr) = if mse {
        (SgdConfig::new().init(), 0.01)
    } else if w == "w3" {
        (
            SgdConfig::new()
                .with_momentum(Some(MomentumConfig { momentum: 0.9, dampening: 0.0, nesterov: false }))
                .init(),
            0.001,
        )
    } else {
        (AdamConfig::new().init(), 1e-3)
    };
    let last = std::cell::RefCell::new(None::<Tensor<1>>);
    let mut slot = Some(net);
    let step = || {
        let m = slot.take().unwrap();
        let h = fwd(&m, w, &x2, &x3, &x4);
        let l = if mse {
            MseLoss::new().forward(h, yf.clone(), Reduction::Mean)
        } else {
            ce.forward(h, yi.clone())
        };
        let g = GradientsParams::from_grads(l.backward(), &m);
        *last.borrow_mut() = Some(l);
        slot = Some(opt.step(lr, m, g));
    };
    if a.len() > 3 {
        cold(&peer, w, thr, step)
    }
    bench(&peer, w, thr, "burn 0.23.0-pre.1 flex", step, || {
        last.borrow().clone().unwrap().into_scalar::<f32>() as f64
    });
}
