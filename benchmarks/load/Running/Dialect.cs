namespace Gateway.Load.Running;

/// <summary>One wire format: how a caller asks for a plain chat of about 1 KB, and what the fixed upstream answers.</summary>
/// <param name="Name">What the table calls it, and the edge the provider.</param>
/// <param name="Kind">Members of the provider's entry in the edge's configuration, its address without host included.</param>
/// <param name="Answer">The fixed answer of the upstream, about 0.5 KB.</param>
/// <param name="Path">Path a caller posts to for a model.</param>
/// <param name="Body">Body a caller sends for a model.</param>
internal sealed record Dialect(string Name, string Kind, string Answer, Func<string, string> Path, Func<string, string> Body)
{
    private const string System = "You answer briefly and in plain words.";

    private const string Said = "Blue light is scattered more than red by the air. At sunset the path is longer and mostly red is left.";

    private const string Responses = """{"id":"resp_bench","object":"response","created_at":1767225600,"status":"completed","model":"gpt-4o-mini-2024-07-18","output":[{"id":"msg_bench","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"SAID","annotations":[],"logprobs":[]}]}],"parallel_tool_calls":true,"tool_choice":"auto","tools":[],"text":{"format":{"type":"text"}},"usage":{"input_tokens":57,"input_tokens_details":{"cached_tokens":0},"output_tokens":24,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":81}}""";

    private const string Anthropic = """{"id":"msg_bench","type":"message","role":"assistant","model":"claude-bench","content":[{"type":"text","text":"SAID"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":57,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":24,"service_tier":"standard"}}""";

    private const string Gemini = """{"candidates":[{"content":{"parts":[{"text":"SAID"}],"role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":57,"candidatesTokenCount":24,"totalTokenCount":81,"promptTokensDetails":[{"modality":"TEXT","tokenCount":57}]},"modelVersion":"gemini-bench","responseId":"bench"}""";

    private const string Bedrock = """{"metrics":{"latencyMs":500},"output":{"message":{"content":[{"text":"SAID"}],"role":"assistant"}},"stopReason":"end_turn","usage":{"inputTokens":57,"outputTokens":24,"totalTokens":81}}""";

    private const string Cohere = """{"id":"bench","finish_reason":"COMPLETE","message":{"role":"assistant","content":[{"type":"text","text":"SAID"}]},"usage":{"billed_units":{"input_tokens":57,"output_tokens":24},"tokens":{"input_tokens":57,"output_tokens":24}}}""";

    /// <summary>All of them; the first is the one whose untranslated way the others are compared with.</summary>
    public static IReadOnlyList<Dialect> All { get; } =
    [
        new("chat", "kind: openai, baseUrl: \"{0}/v1\"", Bodies.FixedCompletion,
            static _ => "/v1/chat/completions",
            static model => $$"""{"model":"{{model}}","messages":[{"role":"system","content":"{{System}}"},{"role":"user","content":"{{Asked}}"}],"max_tokens":64,"temperature":0.7}"""),
        new("responses", "kind: openai, nativeResponses: true, baseUrl: \"{0}/v1\"", Responses.Replace("SAID", Said, StringComparison.Ordinal),
            static _ => "/v1/responses",
            static model => $$"""{"model":"{{model}}","instructions":"{{System}}","input":"{{Asked}}","max_output_tokens":64,"temperature":0.7}"""),
        new("anthropic", "kind: anthropic, baseUrl: \"{0}/v1\"", Anthropic.Replace("SAID", Said, StringComparison.Ordinal),
            static _ => "/v1/messages",
            static model => $$"""{"model":"{{model}}","system":"{{System}}","messages":[{"role":"user","content":"{{Asked}}"}],"max_tokens":64,"temperature":0.7}"""),
        new("gemini", "kind: gemini, baseUrl: \"{0}/v1beta\"", Gemini.Replace("SAID", Said, StringComparison.Ordinal),
            static model => $"/v1beta/models/{model}:generateContent",
            static _ => $$$"""{"systemInstruction":{"parts":[{"text":"{{{System}}}"}]},"contents":[{"role":"user","parts":[{"text":"{{{Asked}}}"}]}],"generationConfig":{"maxOutputTokens":64,"temperature":0.7}}"""),
        new("bedrock", "kind: bedrock, baseUrl: \"{0}\"", Bedrock.Replace("SAID", Said, StringComparison.Ordinal),
            static model => $"/model/{model}/converse",
            static _ => $$$"""{"system":[{"text":"{{{System}}}"}],"messages":[{"role":"user","content":[{"text":"{{{Asked}}}"}]}],"inferenceConfig":{"maxTokens":64,"temperature":0.7}}"""),
        new("cohere", "kind: cohere, baseUrl: \"{0}\"", Cohere.Replace("SAID", Said, StringComparison.Ordinal),
            static _ => "/v2/chat",
            static model => $$"""{"model":"{{model}}","messages":[{"role":"system","content":"{{System}}"},{"role":"user","content":"{{Asked}}"}],"max_tokens":64,"temperature":0.7}"""),
    ];

    /// <summary>The edge's model name for the provider of this dialect.</summary>
    public string Model => "bench-" + Name;

    private static string Asked { get; } = string.Join(' ', Enumerable.Repeat("Explain in two sentences why the sky is blue and what changes at sunset, for a reader who has never heard of scattering.", 7));
}
