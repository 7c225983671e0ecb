using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Dialects.Chat;
using Gateway.Recordings.Framing;

namespace Gateway.Dialects.Tests.Pairs;

/// <summary>What the golden files of the pairs are made with: names of folders, a model per provider, and fixed ids and times.</summary>
internal static class PairGolden
{
    /// <summary>The dialects and the folders of their inputs below <c>Golden/pairs</c>.</summary>
    public static IReadOnlyDictionary<string, DialectId> Folders { get; } = new SortedDictionary<string, DialectId>(StringComparer.Ordinal)
    {
        ["anthropic"] = DialectId.Anthropic,
        ["bedrock-converse"] = DialectId.BedrockConverse,
        ["cohere"] = DialectId.Cohere,
        ["gemini"] = DialectId.Gemini,
        ["openai-chat"] = DialectId.OpenAIChat,
        ["openai-completions"] = DialectId.OpenAICompletions,
        ["openai-responses"] = DialectId.OpenAIResponses,
    };

    /// <summary>The model in the address, for dialects that have it there.</summary>
    public static RequestLocation Location => new("public", false);

    /// <summary>Every input of a kind with every dialect but its own.</summary>
    public static TheoryData<string, string> Cases(string kind, string suffix)
    {
        var cases = new TheoryData<string, string>();
        foreach (var row in Golden.Inputs("pairs", suffix))
        {
            var parts = row.Data.Split('/');
            if (parts[2] == kind)
            {
                foreach (var target in Folders.Keys.Where(target => target != parts[1]))
                {
                    cases.Add(row.Data, target);
                }
            }
        }

        return cases;
    }

    /// <summary>The dialect of an input, by its folder.</summary>
    public static IChatDialect DialectOf(string input) => ChatDialects.Get(Folders[input.Split('/')[1]]);

    /// <summary>A model of the provider whose dialect it is; one that reasons where the case is about that.</summary>
    public static RequestTarget Target(DialectId dialect, bool reasons)
    {
        var (provider, model) = dialect switch
        {
            DialectId.OpenAIChat or DialectId.OpenAIResponses => ("openai", reasons ? "gpt-5-mini" : "gpt-4.1"),
            DialectId.Anthropic => ("anthropic", "claude-sonnet-4-5"),
            DialectId.BedrockConverse => ("bedrock", "anthropic.claude-sonnet-4-5-20250929-v1:0"),
            DialectId.Gemini => ("gemini", reasons ? "gemini-3-pro-preview" : "gemini-2.5-flash"),
            DialectId.Cohere => ("cohere", reasons ? "command-a-reasoning-08-2025" : "command-a-03-2025"),
            _ => ("openai", "gpt-3.5-turbo-instruct"),
        };
        return new RequestTarget { Provider = provider, Model = model, ModelInPath = dialect is DialectId.Gemini or DialectId.BedrockConverse, MaxOutputTokens = 32_000 };
    }

    /// <summary>The caller's request that an answer answers: it defines the tools that answers of the golden files call.</summary>
    public static AnswerContext Context(string caller)
    {
        ChatRequest? request = null;
        if (Folders[caller] != DialectId.OpenAICompletions)
        {
            Assert.Null(ChatDialects.Get(Folders[caller]).ReadRequest(Golden.Input($"pairs/{caller}/requests/tools.in.json"), Location, out request));
        }

        return new AnswerContext
        {
            Id = "golden", Model = "public", Created = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000), IncludeUsage = true, PromptTokenEstimate = 100, Request = request,
        };
    }

    /// <summary>The events of a stream's input; those of an event stream are written as server-sent events there, to be read by people.</summary>
    public static List<(string Name, ReadOnlyMemory<byte> Payload)> Events(ReadOnlyMemory<byte> input) => StreamPlayback.Frames(input, new Random(1));

    /// <summary>A written stream as text: an event stream decoded, the others as they are.</summary>
    public static string Transcript(DialectId dialect, ReadOnlyMemory<byte> written)
    {
        if (dialect != DialectId.BedrockConverse)
        {
            return Encoding.UTF8.GetString(written.Span);
        }

        var text = new StringBuilder();
        foreach (var message in EventStreamFraming.Read(written))
        {
            var payload = JsonNode.Parse(message.Payload.Span)!.AsObject();
            // Padding has no meaning and would only hide differences.
            payload.Remove("p");
            text.Append("event: ").Append(message.Headers.GetValueOrDefault(":event-type") ?? message.Headers.GetValueOrDefault(":exception-type")).Append('\n')
                .Append("data: ").Append(payload.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping })).Append("\n\n");
        }

        return text.ToString();
    }

    /// <summary>Writes with <paramref name="write"/> and gives what was written.</summary>
    public static JsonNode? Written(Action<IBufferWriter<byte>> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(output);
        return JsonNode.Parse(output.WrittenSpan);
    }
}
