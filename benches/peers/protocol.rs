// How the peers in Rust are timed; the same as `python/common.py`.
use std::time::Instant;
pub fn hwm() -> f64 {
    for l in std::fs::read_to_string("/proc/self/status").unwrap().lines() {
        if let Some(r) = l.strip_prefix("VmHWM:") {
            return r.trim().trim_end_matches(" kB").trim().parse::<f64>().unwrap() / 1024.0;
        }
    }
    0.0
}
fn envf(k: &str, d: f64) -> f64 {
    std::env::var(k).ok().and_then(|s| s.parse().ok()).unwrap_or(d)
}
pub fn cold(peer: &str, w: &str, thr: usize, mut step: impl FnMut()) -> ! {
    step();
    println!("{{\"cold\":1,\"peer\":\"{peer}\",\"w\":\"{w}\",\"threads\":{thr},\"rss_first\":{}}}", hwm());
    for _ in 0..200 {
        step()
    }
    println!("{{\"rss\":{},\"peer\":\"{peer}\",\"w\":\"{w}\",\"threads\":{thr}}}", hwm());
    std::process::exit(0)
}
pub fn bench(
    peer: &str,
    w: &str,
    thr: usize,
    note: &str,
    mut step: impl FnMut(),
    mut loss: impl FnMut() -> f64,
) -> f64 {
    let bt = envf("BENCH_BATCH_S", 0.15);
    let nb = envf("BENCH_BATCHES", 9.0) as usize;
    let t = Instant::now();
    step();
    let first = t.elapsed().as_secs_f64();
    let l0 = loss();
    let t = Instant::now();
    let mut k = 0;
    while k < 3 || t.elapsed().as_secs_f64() < 0.4 {
        step();
        k += 1;
    }
    let m = (k / 4).max(1);
    let t = Instant::now();
    for _ in 0..m {
        step()
    }
    let one = t.elapsed().as_secs_f64() / m as f64;
    let n = ((bt / one) as usize).max(2);
    let mut ts = vec![];
    for _ in 0..nb {
        let t = Instant::now();
        for _ in 0..n {
            step()
        }
        ts.push(t.elapsed().as_secs_f64() / n as f64 * 1e6);
    }
    ts.sort_by(|a, b| a.total_cmp(b));
    println!(
        "{{\"peer\":\"{peer}\",\"w\":\"{w}\",\"threads\":{thr},\"min_us\":{},\"median_us\":{},\"n\":{n},\"batches\":{nb},\"first_s\":{first},\"loss0\":{l0},\"loss1\":{},\"rss_mb\":{},\"note\":\"{note}\"}}",
        ts[0],
        ts[nb / 2],
        loss(),
        hwm()
    );
    ts[0]
}
#[allow(dead_code)]
pub struct Rng(pub u64);
#[allow(dead_code)]
impl Rng {
    pub fn f(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 40) as f32 / (1u64 << 24) as f32
    }
    pub fn v(&mut self, n: usize) -> Vec<f32> {
        (0..n).map(|_| self.f()).collect()
    }
}
#[allow(dead_code)]
pub fn sizes(w: &str) -> (usize, Vec<usize>) {
    match w {
        "w1" => {
            let mut s = vec![100; 11];
            s.push(1);
            (32, s)
        }
        "w2" => (128, vec![784, 512, 512, 10]),
        "w3" => {
            let mut s = vec![1024; 9];
            s.push(10);
            (256, s)
        }
        "w4" => {
            let mut s = vec![64];
            s.extend([128; 8]);
            s.push(10);
            (64, s)
        }
        "w5" => (64, vec![]),
        "w6" => (32, vec![]),
        "w7" => (16, vec![2, 16, 16, 1]),
        _ => panic!("workload"),
    }
}
