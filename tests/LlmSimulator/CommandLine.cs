using System.Globalization;
using System.Text;
using Gateway.LlmSimulator.Behaviour;

namespace Gateway.LlmSimulator;

/// <summary>The simulator's arguments.</summary>
internal static class CommandLine
{
    public static string Help
    {
        get
        {
            var text = new StringBuilder("""
                A simulator of LLM providers in their own dialects, for tests and load.

                usage: dotnet run --project tests/LlmSimulator -- [--port 9000] [--api-key KEY] [--keep N] [--models a,b] [--KNOB VALUE]...

                  --port N        loopback port, 0 takes a free one (9000)
                  --api-key KEY   refuse requests without this bearer key
                  --keep N        keep the last N requests for /control/stats (0)
                  --models a,b    what /v1/models lists
                  --help          this text

                Serves OpenAI (/v1/chat/completions, completions, responses, embeddings, moderations, images, audio, files, batches,
                models, realtime), Anthropic (/v1/messages, count_tokens), Gemini (models/{m}:generateContent, streamGenerateContent,
                countTokens, embedContent, batchEmbedContents), Bedrock (/model/{m}/converse, converse-stream, invoke), Cohere (/v2/chat,
                embed, rerank), Voyage and Jina (/v1/rerank), and the forms of Azure and Vertex AI, below any prefix. Requests that a
                provider would refuse are refused as it does.
                  POST   /control        {"defaults": B, "script": [B, {"behaviour": B, "count": 3}]}, B = "status=429&retryAfter=2" or {"status":429}
                  GET    /control/stats  requests by path and status, tokens, concurrency, clients that left, kept request heads
                  GET    /control/bill   tokens per model and per x-request-id
                  DELETE /control        forget all of that

                Knobs, each also settable per request after a `?` in the model name (sim?tokens=20&latency=50), later wins; in a
                path percent-encoded; replay-17-3 answers with recording 17 cut by seed 3
                (options, control defaults, script, model name):

                """);
            foreach (var (name, help) in BehaviourKnobs.Help)
            {
                _ = text.Append(CultureInfo.InvariantCulture, $"  {name,-12} {help}\n");
            }

            return text.ToString();
        }
    }

    /// <summary>Null options and a message when the arguments are wrong; null options and no message when help is wanted.</summary>
    public static (SimulatorOptions? Options, string? Error) Parse(string[] args)
    {
        var options = new SimulatorOptions { Port = 9000, KeepReceived = 0 };
        for (var i = 0; i < args.Length; i++)
        {
            var name = args[i];
            if (name is "--help" or "-h")
            {
                return (null, null);
            }

            if (!name.StartsWith("--", StringComparison.Ordinal) || i + 1 == args.Length)
            {
                return (null, $"`{name}` is not an option with a value; see --help.");
            }

            var value = args[++i];
            var whole = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
            switch (name)
            {
                case "--port" when whole && number <= ushort.MaxValue: options = options with { Port = number }; break;
                case "--keep" when whole && number <= 1_000_000: options = options with { KeepReceived = number }; break;
                case "--port" or "--keep": return (null, $"`{name}` takes a whole number in range, not `{value}`.");
                case "--api-key": options = options with { ApiKey = value }; break;
                case "--models": options = options with { Models = value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) }; break;
                default:
                    if (!BehaviourKnobs.TrySet(options.Behaviour, name[2..], value, out var behaviour, out var error))
                    {
                        return (null, error);
                    }

                    options = options with { Behaviour = behaviour };
                    break;
            }
        }

        return (options, null);
    }
}
