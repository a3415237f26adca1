source_filename = "strict.c"
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-unknown-linux-gnu"

declare i32 @sink(double) nounwind
define dso_local double @plain(double %r.a, double %r.b) #0 {
b.entry:
  %r.s = fadd double %r.a, %r.b
  %r.below = fcmp olt double %r.a, %r.b
  %r.r = select i1 %r.below, double %r.s, double %r.a
  ret double %r.r
}

define dso_local i32 @strict(double %r.a, float %r.b, i64 %r.n) #0 strictfp {
b.entry:
  %r.wide = call double @llvm.experimental.constrained.fpext.f64.f32(float %r.b, metadata !"fpexcept.strict") strictfp
  %r.q = call double @llvm.experimental.constrained.fdiv.f64(double %r.a, double %r.wide, metadata !"round.dynamic", metadata !"fpexcept.strict") strictfp
  %r.i = call double @llvm.experimental.constrained.sitofp.f64.i64(i64 %r.n, metadata !"round.dynamic", metadata !"fpexcept.strict") strictfp
  %r.root = call double @llvm.experimental.constrained.sqrt.f64(double %r.i, metadata !"round.dynamic", metadata !"fpexcept.strict") strictfp
  %r.down = call double @llvm.experimental.constrained.floor.f64(double %r.root, metadata !"fpexcept.strict") strictfp
  %r.back = call i32 @llvm.experimental.constrained.fptosi.i32.f64(double %r.down, metadata !"fpexcept.strict") strictfp
  %r.less = call i1 @llvm.experimental.constrained.fcmps.f64(double %r.q, double %r.a, metadata !"olt", metadata !"fpexcept.strict") strictfp
  %r.quiet = call i1 @llvm.experimental.constrained.fcmp.f64(double %r.q, double %r.a, metadata !"olt", metadata !"fpexcept.strict") strictfp
  %r.same = call i1 @llvm.experimental.constrained.fcmp.f64(double %r.q, double %r.a, metadata !"oeq", metadata !"fpexcept.strict") strictfp
  %r.m = fneg double %r.q
  %r.r = call i32 @sink(double %r.m) strictfp
  ret i32 %r.r
}

attributes #0 = { nounwind uwtable "no-trapping-math"="false" "tune-cpu"="generic" "frame-pointer"="none" }
!0 = !{i32 7, !"uwtable", i32 2}
!1 = !{i32 8, !"PIC Level", i32 2}
!2 = !{i32 7, !"PIE Level", i32 2}
!llvm.module.flags = !{!0, !1, !2}
!llvm.ident = !{!3}
!3 = !{!"cpc"}
