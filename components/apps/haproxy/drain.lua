-- GET /drain answers when the proxy has nothing to do any more, which the kubelet waits for before it stops the pod.
--
-- Until then all goes on as before, for requests that wait as for those that come. HAProxy's own soft stop would not
-- do: it follows no DNS any more, and what waits while there is no server would wait in vain. With each answer clients
-- are told to close, and so come back to another proxy.

-- Seconds until all know that this proxy goes.
local notice = 3

core.register_service("drain", "http", function(applet)
    applet:set_var("proc.draining", true)
    local began = core.now().sec
    local busy
    repeat
        core.msleep(200)
        busy = 0
        for name in pairs(core.backends) do
            busy = busy + applet.f:be_conn(name)
        end
    until busy == 0 and core.now().sec - began > notice
    applet:set_status(200)
    applet:add_header("content-length", "0")
    applet:start_response()
end)
