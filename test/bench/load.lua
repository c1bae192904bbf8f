-- The load of `load.ts`, for wrk: one walk over the bodies of a file, which all connections share. Arguments are the file, the first
-- line of the request, where the walk begins, a text that every successful answer has, and after how many answers to end (0: by the
-- clock). An answer that is no success ends it with exit code 1.
local bodies, head, first, wanted, limit = {}, '', 0, '', 0
-- What no successful answer holds: the end of `"__typename":"ValidationError"`, and the errors of GraphQL and REST.
local UNWANTED = { 'Error"', '"errors"' }
-- wrk asks for one request before the clock starts, and throws it away.
sent, answered = -1, 0

function init(args)
  for line in io.lines(args[1]) do bodies[#bodies + 1] = line end
  head = args[2] .. ' HTTP/1.1\r\nHost: ' .. wrk.host
    .. '\r\nContent-Type: application/json\r\nAccept: application/json\r\nContent-Length: '
  first, wanted, limit = tonumber(args[3]), args[4], tonumber(args[5])
  print('clock starts')
  io.stdout:flush()
end

function request()
  local body = bodies[(first + sent) % #bodies + 1]
  sent = sent + 1
  return head .. #body .. '\r\n\r\n' .. body
end

local function report(figures)
  print(string.format('{"perSecond":%f,"p50":%f,"p99":%f,"answered":%d,"sent":%d}', unpack(figures)))
end

local function fail(status, body)
  io.stderr:write('an answer is no success: ' .. status .. ' ' .. body:sub(1, 1000) .. '\n')
  os.exit(1)
end

function response(status, _, body)
  if status ~= 200 or not body:find(wanted, 1, true) then fail(status, body) end
  for _, it in ipairs(UNWANTED) do
    if body:find(it, 1, true) then fail(status, body) end
  end
  answered = answered + 1
  if answered == limit then
    report({ 0, 0, 0, answered, sent })
    os.exit(0)
  end
end

local thread
function setup(it) thread = it end

function done(summary, latency)
  local errors = summary.errors
  if errors.connect + errors.read + errors.write + errors.timeout > 0 then
    io.stderr:write(string.format('connect errors %d, read %d, write %d, timeouts %d\n', errors.connect, errors.read, errors.write, errors.timeout))
    os.exit(1)
  end
  local seconds = summary.duration / 1e6
  report({
    summary.requests / seconds, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, summary.requests, thread:get('sent'),
  })
end
