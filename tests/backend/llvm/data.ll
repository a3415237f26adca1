source_filename = "data.c"
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-unknown-linux-gnu"
module asm ".globl f"
module asm "f: ret"
@counter = dso_local global [4 x i8] zeroinitializer, align 4
@mixed = internal global <{ [6 x i8], [2 x i8], ptr, ptr }> <{ [6 x i8] c"ab\00\22\5C\FF", [2 x i8] zeroinitializer, ptr getelementptr (i8, ptr @counter, i64 4), ptr @start }>, align 8
@.str = private unnamed_addr constant [3 x i8] c"hi\00", align 1
@"odd name" = weak dso_local hidden global [4 x i8] c"\01\00\00\00", section ".odd", align 4
@shared = common dso_local global [64 x i8] zeroinitializer, align 32
@elsewhere = external global [8 x i8] , align 8
@perhaps = extern_weak global [8 x i8] , align 8
@t1 = dso_local thread_local(initialexec) global [4 x i8] zeroinitializer, align 4
@t2 = external thread_local global [4 x i8] , align 4
@jumps = internal constant <{ ptr, i32 }> <{ ptr blockaddress(@start, %b.b), i32 trunc (i64 sub (i64 ptrtoint (ptr blockaddress(@start, %b.b) to i64), i64 ptrtoint (ptr blockaddress(@start, %b.a) to i64)) to i32) }>, align 4
@also = dso_local alias i8, ptr @counter
@begin = weak dso_local hidden alias void (), ptr @start
@start.constructor = internal global [1 x ptr] [ptr @start], section ".init_array.00150", align 8
@stop.destructor = internal global [1 x ptr] [ptr @stop], section ".fini_array", align 8
@llvm.compiler.used = appending global [4 x ptr] [ptr @start.constructor, ptr @stop.destructor, ptr @"odd name", ptr @stop], section "llvm.metadata"

define dso_local void @start() #0 section ".init.mine" align 32 {
b.entry:
  br label %b.a
b.a:
  indirectbr ptr @jumps, [label %b.a, label %b.b]
b.b:
  ret void
}

define internal void @stop() #0 {
b.entry:
  ret void
}

attributes #0 = { nounwind uwtable "no-trapping-math"="true" "tune-cpu"="generic" "frame-pointer"="none" }
!0 = !{i32 7, !"uwtable", i32 2}
!1 = !{i32 8, !"PIC Level", i32 2}
!2 = !{i32 7, !"PIE Level", i32 2}
!llvm.module.flags = !{!0, !1, !2}
!llvm.ident = !{!3}
!3 = !{!"cpc"}
