-- Prints what Lua computes, for comparison: strings, numbers, tables, closures, coroutines, errors, the collector.

local function show(...) print(...) end

-- numbers
for _, x in ipairs{0, 1, -1, 7, 2^31, 2^53, -2^63, 0.1, 1e300, 1/3} do
  show(x, x // 3, x % 3, x / 3, -x, x * x, string.format("%.14g %a %q", x, x, x), math.type(x), math.tointeger(x))
end
show(math.maxinteger + 1 == math.mininteger, math.maxinteger // -1, math.mininteger // -1, 7 // -2, -7 % 3, 5.5 // 0)
show(1 << 63, 1 << 64, -1 >> 60, ~5, 3 & 10, 3 | 8, 6 ~ 3, 0x7fffffffffffffff + 0.0, math.ult(1, -1))
show(tostring(1e15), 1e16, 2^63, 1e100, "10" + 5, "0x10" * 2, 10 .. 20, tonumber("z", 36), tonumber("1e1"), tonumber("x"))
for _, f in ipairs{"sin", "cos", "exp", "log", "sqrt", "floor", "ceil", "abs"} do show(f, math[f](2.5)) end
show(pcall(function() return 1 // 0 end))
show(pcall(function() return 1.5 | 1 end))

-- strings
local text = "The quick brown fox jumps over the lazy dog, twice: the quick brown fox."
show(text:len(), text:upper(), text:reverse(), text:rep(2, "|"):len(), text:byte(1, 5))
for word, rest in text:gmatch("(%w+)([^%w]*)") do io.write(word:sub(-2), "<", rest, ">") end
show(text:gsub("%f[%w]%a", string.upper))
show(text:gsub("(%w+) (%w+)", "%2 %1", 3), text:find("fox", 20, true), text:match("^(.-),"), ("x"):rep(5, ","))
show(text:gsub("%w+", {quick = "slow", fox = false}), ("%d %5.1f %-8s| %x %c %q"):format(42, 3.14159, "ab", 255, 65, "a\0\n"))
show(string.pack("<i4 z s1 d", 100, "hello", "abc", 1.5):byte(1, -1))
show(string.unpack("<i4 z s1", string.pack("<i4 z s1", -7, "zero", "len")))
show(utf8.char(72, 228, 8364, 128512), utf8.len("ä€😀"), utf8.codepoint("ä€", 1, -1))
for p, c in utf8.codes("aä€") do io.write(p, ":", c, " ") end print()

-- tables
local t = {}
for i = 1, 2000 do t[i] = (i * 7919) % 2003 end
table.sort(t)
show(#t, t[1], t[1000], t[2000], table.concat(t, ",", 1, 10), select("#", table.unpack(t, 1, 200)))
table.sort(t, function(a, b) return a % 10 > b % 10 or (a % 10 == b % 10 and a < b) end)
show(table.concat(t, " ", 1, 12))
for i = 1, 1000 do table.remove(t, 1 + i % 3) end
table.move(t, 1, 10, 5); table.insert(t, 3, "in"); show(#t, t[3], t[7], next({}), rawlen(t))
local keys = {}
for i = 1, 300 do keys["k" .. i] = i; keys[i * 1.5] = i end
local sum = 0 for _, v in pairs(keys) do sum = sum + v end show(sum)

-- closures, metatables, goto, integer for loops at the edges
local V = {}
V.__index = V
V.__add = function(a, b) return setmetatable({x = a.x + b.x}, V) end
V.__eq = function(a, b) return a.x == b.x end
V.__lt = function(a, b) return a.x < b.x end
V.__call = function(self, n) return self.x * n end
V.__tostring = function(self) return "V(" .. self.x .. ")" end
V.__concat = function(a, b) return tostring(a) .. "&" .. tostring(b) end
V.__close = function(self) print("closed", self.x) end
local a, b = setmetatable({x = 1}, V), setmetatable({x = 2}, V)
show(tostring(a + b), a == b, a < b, a(10), a .. b)
do local guard <close> = a; local fixed <const> = 3; show(fixed) end
local fns = {}
for i = 1, 3 do fns[i] = function() i = i + 1; return i end end
show(fns[1](), fns[1](), fns[2](), fns[3]())
for i = math.maxinteger - 2, math.maxinteger do io.write(i, " ") end print()
for x = 1.0, 2.0, 0.25 do io.write(x, " ") end print()
do local i = 1 ::again:: if i < 4 then io.write(i, ";"); i = i + 1; goto again end print() end
local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end
show(fib(24))
local function tail(n, acc) if n == 0 then return acc end return tail(n - 1, acc + n) end
show(tail(100000, 0))

-- coroutines and errors
local function numbers(n) return coroutine.wrap(function() for i = 1, n do coroutine.yield(i, i * i) end end) end
for n, s in numbers(4) do io.write(n, "=", s or "nil", " ") end print()
local co = coroutine.create(function(...) local x = coroutine.yield(...); error({code = x}) end)
show(coroutine.resume(co, 1, 2), coroutine.status(co))
local ok, e = coroutine.resume(co, 42) show(ok, type(e), e.code, coroutine.status(co))
show(pcall(error, "message", 0), pcall(error), select("#", pcall(error, nil)))
show(xpcall(function() local x = nil; return x.y end, function(m) return "handled: " .. m:gsub("^.-:%d+: ", "") end))
show(pcall(string.rep, "x", -1), pcall(setmetatable, 1, {}))
show(load("return 1 +")) show(load("x = = 1", "=chunk")) show(load("return ...", "c", "t", {})(7))
show(select(2, pcall(function() local function deep() return 1 + deep() end return deep() end)):match("stack overflow"))

-- the collector
local weak = setmetatable({}, {__mode = "k"})
for i = 1, 1000 do weak[{}] = ("garbage"):rep(10) .. i end
collectgarbage() collectgarbage()
show(next(weak), collectgarbage("count") < 20000, collectgarbage("generational"), collectgarbage("incremental"))
local parts = {} for i = 1, 20000 do parts[#parts + 1] = tostring(i) end show(#table.concat(parts))

-- os and io
show(os.time{year = 2020, month = 2, day = 30, hour = 12, isdst = false} - os.time{year = 2020, month = 3, day = 1, hour = 12, isdst = false})
local name = os.tmpname()
local f = assert(io.open(name, "w")) f:write("one\n2 3.5 0x10\nlast") f:close()
for line in io.lines(name) do io.write("[", line, "]") end print()
f = io.open(name) f:read("l") show(f:read("n", "n", "n")) show(f:seek("set", 1), f:read("a")) f:close() os.remove(name)
