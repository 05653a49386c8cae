//! candle: `candle-peer WORKLOAD THREADS [cold]`
#[path = "../../protocol.rs"]
mod protocol;
use candle_core::{DType, Device, Result, Tensor, Var, backprop::GradStore};
use candle_nn::{
    AdamW, BatchNorm, Conv2d, Conv2dConfig, LSTM, LSTMConfig, Linear, Module, ModuleT, Optimizer,
    ParamsAdamW, RNN, SGD, VarBuilder, VarMap, batch_norm, conv2d, linear, loss, lstm,
};
use protocol::*;
struct Mom {
    v: Vec<(Var, Tensor)>,
    lr: f64,
} // candle-nn has no momentum
impl Mom {
    fn step(&mut self, g: &GradStore) -> Result<()> {
        for (p, m) in &mut self.v {
            if let Some(g) = g.get(p) {
                let n = ((&*m * 0.9)? + g)?;
                p.set(&(p.as_tensor() - (&n * self.lr)?)?)?;
                *m = n.detach();
            }
        }
        Ok(())
    }
}
enum O {
    S(SGD),
    A(AdamW),
    M(Mom),
}
fn main() -> Result<()> {
    let a: Vec<String> = std::env::args().collect();
    let w = a[1].clone();
    let w = w.as_str();
    let thr: usize = a[2].parse().unwrap();
    let peer = std::env::var("PEER").unwrap_or("candle".into());
    let dev = Device::Cpu;
    let vm = VarMap::new();
    let vb = VarBuilder::from_varmap(&vm, DType::F32, &dev);
    let mut r = Rng(88172645463325252);
    let (b, sz) = sizes(w);
    let lin: Vec<usize> = match w {
        "w5" => vec![400, 120, 84, 10],
        "w6" => vec![128, 10],
        _ => sz.clone(),
    };
    let ls: Vec<Linear> = lin
        .windows(2)
        .enumerate()
        .map(|(i, p)| linear(p[0], p[1], vb.pp(i.to_string())))
        .collect::<Result<_>>()?;
    let bn: Vec<BatchNorm> = if w == "w4" {
        (0..8).map(|i| batch_norm(128, 1e-5, vb.pp(format!("b{i}")))).collect::<Result<_>>()?
    } else {
        vec![]
    };
    let cv: Vec<Conv2d> = if w == "w5" {
        vec![
            conv2d(1, 6, 5, Conv2dConfig { padding: 2, ..Default::default() }, vb.pp("c1"))?,
            conv2d(6, 16, 5, Conv2dConfig::default(), vb.pp("c2"))?,
        ]
    } else {
        vec![]
    };
    let lm: Vec<LSTM> =
        if w == "w6" { vec![lstm(32, 128, LSTMConfig::default(), vb.pp("l"))?] } else { vec![] };
    let x = match w {
        "w5" => Tensor::from_vec(r.v(b * 784), (b, 1, 28, 28), &dev)?,
        "w6" => Tensor::from_vec(r.v(b * 3200), (b, 100, 32), &dev)?,
        _ => Tensor::from_vec(r.v(b * sz[0]), (b, sz[0]), &dev)?,
    };
    let mse = matches!(w, "w1" | "w7");
    let yf = Tensor::from_vec(r.v(b), (b, 1), &dev)?;
    let yi = Tensor::from_vec((0..b).map(|_| (r.f() * 10.0) as u32).collect::<Vec<_>>(), b, &dev)?;
    let vars = vm.all_vars(); // running stats of batch norm get no gradient
    let mut opt = if mse {
        O::S(SGD::new(vars, 0.01)?)
    } else if w == "w3" {
        O::M(Mom {
            v: vars
                .into_iter()
                .map(|v| {
                    let z = v.zeros_like().unwrap();
                    (v, z)
                })
                .collect(),
            lr: 0.001,
        })
    } else {
        O::A(AdamW::new(vars, ParamsAdamW { lr: 1e-3, weight_decay: 0.0, ..Default::default() })?)
    };
    let last = std::cell::RefCell::new(None::<Tensor>);
    let mut f = || -> Result<()> {
        let mut h = match w {
            "w5" => {
                let mut h = x.clone();
                for c in &cv {
                    h = c.forward(&h)?.tanh()?.avg_pool2d(2)?
                }
                h.flatten_from(1)?
            }
            "w6" => lm[0].seq(&x)?.last().unwrap().h().clone(),
            _ => x.clone(),
        };
        for (i, l) in ls.iter().enumerate() {
            h = l.forward(&h)?;
            if i + 1 < ls.len() {
                if w == "w4" {
                    h = bn[i].forward_t(&h, true)?
                }
                h = match w {
                    "w1" => candle_nn::ops::sigmoid(&h)?,
                    "w5" | "w7" => h.tanh()?,
                    _ => h.relu()?,
                };
            }
        }
        let l = if mse { loss::mse(&h, &yf)? } else { loss::cross_entropy(&h, &yi)? };
        let g = l.backward()?;
        match &mut opt {
            O::S(o) => o.step(&g)?,
            O::A(o) => o.step(&g)?,
            O::M(o) => o.step(&g)?,
        };
        *last.borrow_mut() = Some(l);
        Ok(())
    };
    let step = || f().unwrap();
    if a.len() > 3 {
        cold(&peer, w, thr, step)
    }
    bench(&peer, w, thr, "candle 0.11.1", step, || {
        last.borrow().as_ref().unwrap().to_scalar::<f32>().unwrap() as f64
    });
    Ok(())
}
