source_filename = "calls.c"
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-unknown-linux-gnu"
@described = internal constant ptr @step, align 8

declare i32 @printf(ptr, ...) nounwind
declare preserve_mostcc void @cold_path(ptr) cold noreturn nounwind
declare signext i8 @narrow(i8 signext, i16 zeroext) nounwind
define dso_local void @returns_struct(ptr noalias sret([24 x i8]) align 8 %r.out, ptr byval([32 x i8]) align 16 %r.in) #0 {
b.entry:
  call void @llvm.memcpy.p0.p0.i64(ptr align 8 %r.out, ptr align 16 %r.in, i64 24, i1 false)
  ret void
}

define internal { i64, double } @pair(i64 %r.a, double %r.f) #0 noinline {
b.entry:
  %t.1 = insertvalue { i64, double } poison, i64 %r.a, 0
  %t.2 = insertvalue { i64, double } %t.1, double %r.f, 1
  ret { i64, double } %t.2
}

define dso_local i32 @caller(ptr %r.p, i64 %r.n) #0 {
b.entry:
  call void @returns_struct(ptr noalias sret([24 x i8]) align 8 %r.p, ptr byval([32 x i8]) align 16 %r.p)
  %t.1 = call { i64, double } @pair(i64 %r.n, double 0x3FF8000000000000)
  %r.x = extractvalue { i64, double } %t.1, 0
  %r.f = extractvalue { i64, double } %t.1, 1
  %r.c = call signext i8 @narrow(i8 signext 255, i16 zeroext 7)
  %r.r = call i32 (ptr, ...) @printf(ptr %r.p, double %r.f, i64 %r.x)
  %r.same = call i32 (ptr, ...) @printf(ptr %r.p, i64 %r.x)
  br i1 true, label %b.out, label %b.bad, !prof !{!"branch_weights", i32 2000, i32 1}
b.bad:
  call preserve_mostcc void @cold_path(ptr %r.p) cold
  unreachable
b.out:
  ret i32 %r.r
}

define internal { i64, i8 } @step(ptr %r.f, i64 %r.v) #0 prefix <{ [12 x i8], i32 }> <{ [12 x i8] zeroinitializer, i32 trunc (i64 sub (i64 ptrtoint (ptr @described to i64), i64 ptrtoint (ptr @step to i64)) to i32) }> {
b.entry:
  %r.r = load ptr, ptr %r.f, align 8
  %t.1 = musttail call { i64, i8 } %r.r(ptr %r.f, i64 %r.v)
  ret { i64, i8 } %t.1
}

attributes #0 = { nounwind uwtable "no-trapping-math"="true" "tune-cpu"="generic" "frame-pointer"="none" }
!0 = !{i32 7, !"uwtable", i32 2}
!1 = !{i32 8, !"PIC Level", i32 2}
!2 = !{i32 7, !"PIE Level", i32 2}
!llvm.module.flags = !{!0, !1, !2}
!llvm.ident = !{!3}
!3 = !{!"cpc"}
