source_filename = "src/pos.c"
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-unknown-linux-gnu"

define dso_local i32 @f(i32 %r.n) #0 !dbg !3 {
b.entry:
  %r.a = add nsw i32 %r.n, 1, !dbg !4
  %r.b = add nsw i32 %r.a, 1, !dbg !7
  %r.c = call i32 @f(i32 %r.b), !dbg !8
  ret i32 %r.c, !dbg !9
}

attributes #0 = { nounwind uwtable "no-trapping-math"="true" "tune-cpu"="generic" "frame-pointer"="none" }
!0 = distinct !DICompileUnit(language: DW_LANG_C11, file: !1, producer: "cpc", isOptimized: false, runtimeVersion: 0, emissionKind: FullDebug, splitDebugInlining: false, nameTableKind: None)
!1 = !DIFile(filename: "src/pos.c", directory: "/src")
!2 = !DISubroutineType(types: !{null})
!3 = distinct !DISubprogram(name: "f", scope: !1, file: !1, line: 3, type: !2, scopeLine: 3, spFlags: DISPFlagDefinition, unit: !0)
!4 = !DILocation(line: 4, column: 10, scope: !3)
!5 = !DIFile(filename: "src/body.inc", directory: "/src")
!6 = !DILexicalBlockFile(scope: !3, file: !5, discriminator: 0)
!7 = !DILocation(line: 9, column: 2, scope: !6)
!8 = !DILocation(line: 0, column: 0, scope: !3)
!9 = !DILocation(line: 5, column: 3, scope: !3)
!10 = !{i32 7, !"uwtable", i32 2}
!11 = !{i32 8, !"PIC Level", i32 2}
!12 = !{i32 7, !"PIE Level", i32 2}
!13 = !{i32 7, !"Dwarf Version", i32 4}
!14 = !{i32 2, !"Debug Info Version", i32 3}
!llvm.module.flags = !{!10, !11, !12, !13, !14}
!llvm.ident = !{!15}
!15 = !{!"cpc"}
!llvm.dbg.cu = !{!0}
