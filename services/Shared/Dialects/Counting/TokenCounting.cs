using System.Buffers;
using System.Text.Json;
using Gateway.Dialects.Anthropic;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Gemini;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Counting;

/// <summary>
/// Questions for the number of tokens in a prompt: Anthropic's <c>count_tokens</c> and Gemini's <c>countTokens</c>. Their bodies are chat requests, so they go
/// through the chat dialects.
/// </summary>
public static class TokenCounting
{
    // What Anthropic's endpoint takes of a message request; the rest is about the answer.
    private static readonly HashSet<string> _anthropicMembers = new(StringComparer.Ordinal) { "model", "messages", "system", "tools", "tool_choice", "thinking", "mcp_servers", "output_config", "context_management", "cache_control" };

    /// <summary>Reads a caller's question.</summary>
    /// <param name="dialect"><see cref="DialectId.Anthropic"/> or <see cref="DialectId.Gemini"/>.</param>
    /// <param name="body">The request's JSON.</param>
    /// <param name="location">What the request's address says.</param>
    /// <param name="request">The prompt; meaningless when a problem is returned.</param>
    /// <returns>Null, or what is wrong with the request.</returns>
    public static DialectProblem? ReadRequest(DialectId dialect, ReadOnlyMemory<byte> body, in RequestLocation location, out ChatRequest request)
    {
        if (!LenientJson.TryParseObject(body.Span, out var root))
        {
            request = new ChatRequest { Origin = dialect };
            return new DialectProblem("The body is not a JSON object.", null);
        }

        if (dialect == DialectId.Gemini)
        {
            // The prompt is given bare or as a whole request.
            return GeminiDialect.Instance.ReadRequest(root.CamelMember("generateContentRequest") is { } whole ? JsonOutput.Raw(whole).ToArray() : body, location, out request);
        }

        var problem = AnthropicDialect.Instance.ReadRequest(root.Member("max_tokens") is null ? WithCap(root) : body, location, out request);
        request.MaxOutputTokens = null;
        return problem;
    }

    /// <summary>Writes a question for a provider.</summary>
    /// <param name="dialect"><see cref="DialectId.Anthropic"/> or <see cref="DialectId.Gemini"/>.</param>
    /// <param name="request">The prompt.</param>
    /// <param name="target">The model.</param>
    /// <param name="output">Receives the JSON body.</param>
    /// <param name="drops">Receives what the dialect cannot express.</param>
    /// <returns>Null, or why the question cannot be expressed at all.</returns>
    public static DialectProblem? WriteRequest(DialectId dialect, ChatRequest request, RequestTarget target, IBufferWriter<byte> output, DropList drops)
    {
        var whole = new ArrayBufferWriter<byte>(1024);
        var problem = ChatDialects.Get(dialect).WriteRequest(request, target with { ModelInPath = dialect == DialectId.Gemini || target.ModelInPath }, whole, drops);
        if (problem is not null || !LenientJson.TryParseObject(whole.WrittenSpan, out var root))
        {
            return problem ?? new DialectProblem("The prompt cannot be expressed for the provider of this model.", null);
        }

        using var writer = JsonOutput.Create(output);
        writer.WriteStartObject();
        if (dialect == DialectId.Gemini && !GeminiRequestWriter.IsVertex(target))
        {
            // The Gemini API counts instructions and tools only within a whole request; Vertex AI takes the members bare.
            writer.WriteStartObject("generateContentRequest");
            writer.WriteString("model", "models/" + GeminiNames.Model(target.Model));
            WriteMembers(writer, root, static _ => true);
            writer.WriteEndObject();
        }
        else
        {
            WriteMembers(writer, root, name => dialect == DialectId.Gemini ? name is "contents" or "systemInstruction" or "tools" or "generationConfig" : _anthropicMembers.Contains(name));
        }

        writer.WriteEndObject();
        return null;
    }

    /// <summary>Reads a provider's answer.</summary>
    /// <returns>The number of tokens, or null when the bytes are no answer.</returns>
    public static long? ReadAnswer(DialectId dialect, ReadOnlySpan<byte> body) =>
        !LenientJson.TryParseObject(body, out var root) ? null
            : (dialect == DialectId.Gemini ? root.CamelMember("totalTokens") : root.Member("input_tokens"))?.Whole() is >= 0 and var tokens ? tokens : null;

    /// <summary>Writes an answer for a caller.</summary>
    public static void WriteAnswer(DialectId dialect, long tokens, IBufferWriter<byte> output)
    {
        using var writer = JsonOutput.Create(output);
        writer.WriteStartObject();
        writer.WriteNumber(dialect == DialectId.Gemini ? "totalTokens" : "input_tokens", tokens);
        writer.WriteEndObject();
    }

    private static void WriteMembers(Utf8JsonWriter writer, JsonElement root, Func<string, bool> takes)
    {
        foreach (var member in root.EnumerateObject().Where(m => takes(m.Name)))
        {
            member.WriteTo(writer);
        }
    }

    // A message request needs a cap on its answer; this question has none.
    private static byte[] WithCap(JsonElement root)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = JsonOutput.Create(buffer))
        {
            writer.WriteStartObject();
            writer.WriteNumber("max_tokens", 1);
            WriteMembers(writer, root, static _ => true);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
