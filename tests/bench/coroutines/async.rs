//! Rust's async functions under the smallest executor: a coroutine is a boxed future, entered by a poll.
//!
//! Frames nest by value: the future of a level contains that of the level below it, so calls allocate nothing.  A
//! resume polls from the outermost level inwards.  For the separate chain, `Apart` keeps every poll function out of
//! line, as the border between two crates does.

use std::cell::Cell;
use std::future::Future;
use std::hint;
use std::os::raw::{c_char, c_int, c_long, c_void};
use std::pin::Pin;
use std::ptr;
use std::task::{Context, Poll, RawWaker, RawWakerVTable, Waker};

const BUFFER: usize = 512;
const LIVE: usize = 16;
const LOOP: i64 = 64;

#[repr(C)]
pub struct Work {
    k: Cell<i64>,
    yields: Cell<i64>,
    iters: Cell<i64>,
    never: Cell<i64>,
    sum: Cell<i64>,
    ended: Cell<i64>,
    values: [Cell<i64>; LIVE],
}

#[repr(C)]
pub struct Nest {
    entered: Cell<i64>,
    returned: Cell<i64>,
    depth: Cell<i64>,
}

extern "C" {
    fn bench_fill(buffer: *mut c_char, seed: c_long);
    fn bench_read(buffer: *const c_char) -> c_long;
}

// ---- the executor ----------------------------------------------------------------------------

static TABLE: RawWakerVTable = RawWakerVTable::new(|_| RawWaker::new(ptr::null(), &TABLE), |_| {}, |_| {}, |_| {});

/// Pending once.
struct Yield(bool);

impl Future for Yield {
    type Output = ();

    #[inline(always)]
    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if self.0 {
            return Poll::Ready(());
        }
        self.0 = true;
        Poll::Pending
    }
}

/// A future whose poll function is not inlined.
struct Apart<F>(F);

impl<F: Future> Future for Apart<F> {
    type Output = F::Output;

    #[inline(never)]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        // The inner future is pinned because the outer one is.
        unsafe { self.map_unchecked_mut(|outer| &mut outer.0) }.poll(context)
    }
}

type Coroutine = Pin<Box<dyn Future<Output = ()>>>;

/// Whether it was suspended again.
#[inline(always)]
fn enter(co: &mut Coroutine) -> bool {
    let waker = unsafe { Waker::from_raw(RawWaker::new(ptr::null(), &TABLE)) };
    co.as_mut().poll(&mut Context::from_waker(&waker)).is_pending()
}

// ---- the work --------------------------------------------------------------------------------

#[inline(always)]
fn hide(mut n: i64) -> i64 {
    unsafe { std::arch::asm!("/* {0} */", inout(reg) n, options(nomem, nostack, preserves_flags)) };
    n
}

async fn leaf(w: &Work, a: i64) -> i64 {
    let mut i = 0;
    while i < w.yields.get() {
        Yield(false).await;
        i += 1;
    }
    a ^ w.k.get()
}

macro_rules! levels {
    ($chain:ident: $($name:ident $depth:literal $below:path;)*) => {
        mod $chain {
            use super::Work;
            $(pub async fn $name(w: &Work, a: i64) -> i64 {
                let x = a.wrapping_mul(3).wrapping_add($depth);
                let y = w.k.get() ^ x;
                let r = $below(w, x).await;
                r.wrapping_add(y).wrapping_add(x ^ $depth)
            })*
        }
    };
}
macro_rules! separate_levels {
    ($($name:ident $depth:literal $below:path;)*) => {
        mod separate {
            use super::{Apart, Work};
            $(pub async fn $name(w: &Work, a: i64) -> i64 {
                let x = a.wrapping_mul(3).wrapping_add($depth);
                let y = w.k.get() ^ x;
                let r = Apart($below(w, x)).await;
                r.wrapping_add(y).wrapping_add(x ^ $depth)
            })*
        }
    };
}

levels! { s1: l1 1 super::leaf; }
levels! { s3: l1 1 super::leaf; l2 2 l1; l3 3 l2; }
levels! { s8: l1 1 super::leaf; l2 2 l1; l3 3 l2; l4 4 l3; l5 5 l4; l6 6 l5; l7 7 l6; l8 8 l7; }
levels! { s32:
    l1 1 super::leaf; l2 2 l1; l3 3 l2; l4 4 l3; l5 5 l4; l6 6 l5; l7 7 l6; l8 8 l7; l9 9 l8; l10 10 l9; l11 11 l10;
    l12 12 l11; l13 13 l12; l14 14 l13; l15 15 l14; l16 16 l15; l17 17 l16; l18 18 l17; l19 19 l18; l20 20 l19;
    l21 21 l20; l22 22 l21; l23 23 l22; l24 24 l23; l25 25 l24; l26 26 l25; l27 27 l26; l28 28 l27; l29 29 l28;
    l30 30 l29; l31 31 l30; l32 32 l31;
}
separate_levels! {
    l1 1 super::leaf; l2 2 l1; l3 3 l2; l4 4 l3; l5 5 l4; l6 6 l5; l7 7 l6; l8 8 l7; l9 9 l8; l10 10 l9; l11 11 l10;
    l12 12 l11; l13 13 l12; l14 14 l13; l15 15 l14; l16 16 l15; l17 17 l16; l18 18 l17; l19 19 l18; l20 20 l19;
    l21 21 l20; l22 22 l21; l23 23 l22; l24 24 l23; l25 25 l24; l26 26 l25; l27 27 l26; l28 28 l27; l29 29 l28;
    l30 30 l29; l31 31 l30; l32 32 l31;
}

async fn hot_loop(w: &Work, a: i64) -> i64 {
    let mut x = a;
    for _ in 0..LOOP {
        x = (x ^ (x >> 7)).wrapping_add(w.k.get());
        if x == w.never.get() {
            Yield(false).await;
        }
    }
    x
}

async fn buffer(w: &Work, a: i64) -> i64 {
    let mut buffer = std::mem::MaybeUninit::<[c_char; BUFFER]>::uninit();
    unsafe { bench_fill(buffer.as_mut_ptr().cast(), a) };
    let mut i = 0;
    while i < w.yields.get() {
        Yield(false).await;
        i += 1;
    }
    unsafe { bench_read(buffer.as_ptr().cast()) ^ w.k.get() }
}

macro_rules! live_values {
    ($($name:ident $i:literal)*) => {
        async fn live_values(w: &Work, a: i64) -> i64 {
            $(let $name = w.values[$i].get().wrapping_mul(a.wrapping_add($i));)*
            let mut i = 0;
            while i < w.yields.get() {
                Yield(false).await;
                i += 1;
            }
            let r = w.k.get();
            r$(.wrapping_add($name ^ r.wrapping_add($i)))*
        }
    };
}
live_values! { v0 0 v1 1 v2 2 v3 3 v4 4 v5 5 v6 6 v7 7 v8 8 v9 9 v10 10 v11 11 v12 12 v13 13 v14 14 v15 15 }

macro_rules! root {
    ($w:ident, $n:ident, $call:expr) => {
        Box::pin(async move {
            let mut i = $w.iters.get();
            while i > 0 {
                let $n = hide(i);
                let r = $call.await;
                $w.sum.set($w.sum.get().wrapping_add(r));
                i -= 1;
            }
            $w.ended.set(1);
        })
    };
}

#[inline(never)]
fn create(w: &'static Work, root: c_int) -> Coroutine {
    match root {
        0 => root!(w, n, s1::l1(w, n)),
        1 => root!(w, n, s3::l3(w, n)),
        2 => root!(w, n, s8::l8(w, n)),
        3 => root!(w, n, s32::l32(w, n)),
        4 => root!(w, n, Apart(separate::l1(w, n))),
        5 => root!(w, n, Apart(separate::l3(w, n))),
        6 => root!(w, n, Apart(separate::l8(w, n))),
        7 => root!(w, n, Apart(separate::l32(w, n))),
        8 => root!(w, n, hot_loop(w, n)),
        9 => root!(w, n, buffer(w, n)),
        10 => root!(w, n, live_values(w, n)),
        _ => root!(w, n, Apart(buffer(w, n))),
    }
}

// ---- as main.c wants it ----------------------------------------------------------------------

#[inline(never)]
fn create_empty() -> Coroutine {
    Box::pin(async {})
}

#[inline(never)]
fn create_once() -> Coroutine {
    Box::pin(Yield(false))
}

extern "C" fn lifecycle(n: c_long) {
    for _ in 0..n {
        enter(&mut hint::black_box(create_empty()));
    }
}

extern "C" fn cost(n: c_long) {
    for _ in 0..n {
        let mut co = hint::black_box(create_once());
        enter(&mut co);
        enter(&mut co);
    }
}

#[inline(never)]
fn create_nested(nest: &'static Nest) -> Coroutine {
    Box::pin(async move {
        nest.entered.set(nest.entered.get() + 1);
        if nest.entered.get() < nest.depth.get() {
            enter(&mut hint::black_box(create_nested(nest)));
        }
        nest.returned.set(nest.returned.get() + 1);
    })
}

extern "C" fn nesting(nest: &'static Nest) {
    enter(&mut create_nested(nest));
}

#[inline(never)]
fn create_count_down(left: &'static Cell<i64>) -> Coroutine {
    Box::pin(async move {
        while left.get() > 0 {
            left.set(left.get() - 1);
            Yield(false).await;
        }
    })
}

extern "C" fn yields(n: c_long) {
    let left = Cell::new(n);
    // The coroutine ends before `left` does.
    let mut co = hint::black_box(create_count_down(unsafe { &*ptr::from_ref(&left) }));
    while left.get() > 0 {
        enter(&mut co);
    }
    enter(&mut co);
}

extern "C" fn run(w: &'static Work, root: c_int) -> c_long {
    let mut co = create(w, root);
    let mut entered = 1;
    while enter(&mut co) {
        entered += 1;
    }
    entered
}

extern "C" fn spawn(w: &'static Work, root: c_int) -> *mut c_void {
    let mut co = Box::new(create(w, root));
    enter(&mut co);
    Box::into_raw(co).cast()
}

extern "C" fn resume(co: *mut c_void) {
    let mut co: Box<Coroutine> = unsafe { Box::from_raw(co.cast()) };
    if enter(&mut co) {
        std::mem::forget(co);
    }
}

#[repr(C)]
pub struct System {
    lifecycle: extern "C" fn(c_long),
    cost: extern "C" fn(c_long),
    nesting: extern "C" fn(&'static Nest),
    yields: extern "C" fn(c_long),
    run: extern "C" fn(&'static Work, c_int) -> c_long,
    spawn: extern "C" fn(&'static Work, c_int) -> *mut c_void,
    resume: extern "C" fn(*mut c_void),
}

#[no_mangle]
pub static coroutine_system: System = System { lifecycle, cost, nesting, yields, run, spawn, resume };
