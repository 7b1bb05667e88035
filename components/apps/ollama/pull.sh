#!/bin/bash
# Puts the model onto the volume, before the server starts: asked while it starts, a server may not listen yet, and then be
# ready without a model. It ends before the server's container begins. What is there already is not asked for again, so a
# pod starts again also where the registry is out of reach.
#
# Environment: MODEL; OLLAMA_MODELS, where models are kept.

export OLLAMA_HOST=127.0.0.1:11434

ollama serve &
server=$!
# Its own end is awaited, too: the volume is to be whole when the next container takes it.
trap 'kill "$server" 2>/dev/null; wait "$server"' EXIT
until ollama list >/dev/null 2>&1; do
    kill -0 "$server" 2>/dev/null || { echo "Ollama ended before it listened; see above"; exit 1; }
    sleep 0.2
done

if ollama show "$MODEL" >/dev/null 2>&1; then
    echo "$MODEL is on the volume"
else
    # What was loaded before an interruption stays (OLLAMA_NOPRUNE), and the next attempt goes on from there.
    ollama pull "$MODEL" || { echo "$MODEL cannot be had: is it in the registry, and may pods reach that?"; exit 1; }
fi
