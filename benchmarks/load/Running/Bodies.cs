namespace Gateway.Load.Running;

/// <summary>What is sent and what the fixed upstream answers.</summary>
internal static class Bodies
{
    public const string Model = "gpt-4o-mini";

    /// <summary>The edge's name for the model of the streaming upstream.</summary>
    public const string EdgeStreamModel = "stream-bench";

    /// <summary>About 0.5 KB, as performance.md's upstream sends it.</summary>
    public const string FixedCompletion = """{"id":"chatcmpl-bench0000000000000000000001","object":"chat.completion","created":1767225600,"model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"message":{"role":"assistant","content":"Blue light is scattered more than red by the air. At sunset the path is longer and mostly red is left.","refusal":null},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":57,"completion_tokens":24,"total_tokens":81,"prompt_tokens_details":{"cached_tokens":0},"completion_tokens_details":{"reasoning_tokens":0}},"system_fingerprint":"fp_bench"}""";

    /// <summary>About 0.3 KB.</summary>
    public static string Chat(string model)
        => "{\"model\":\"" + model + "\",\"messages\":[{\"role\":\"system\",\"content\":\"You answer briefly.\"},{\"role\":\"user\",\"content\":\"Explain in two sentences why the sky is blue and what changes at sunset, for a reader who has never heard of scattering.\"}],\"max_tokens\":64,\"temperature\":0.7}";

    public static string Stream(string model)
        => "{\"model\":\"" + model + "\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"Tell me a long story.\"}]}";
}
