using Gateway.LlmSimulator.Behaviour;

namespace Gateway.LlmSimulator;

/// <summary>How a simulator starts.</summary>
public sealed record SimulatorOptions
{
    /// <summary>The loopback port; 0 (default) takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>What answers are like until the control endpoint or a model name says otherwise.</summary>
    public SimulatorBehaviour Behaviour { get; init; } = SimulatorBehaviour.Default;

    /// <summary>When set, a model request without <c>Authorization: Bearer</c> this key gets OpenAI's 401.</summary>
    public string? ApiKey { get; init; }

    /// <summary>What <c>GET /v1/models</c> lists; any model name is answered.</summary>
    public IReadOnlyList<string> Models { get; init; } = ["sim", "gpt-4o-mini", "gpt-4o", "gpt-3.5-turbo-instruct", "text-embedding-3-small"];

    /// <summary>How many of the last requests are kept whole (head and body). Default 1,000; 0 keeps none and is what the 40,000 answers a second are served with.</summary>
    public int KeepReceived { get; init; } = 1_000;

    /// <summary>Of each kept request at most this many bytes of body. Default 1 MiB.</summary>
    public int KeepBodyBytes { get; init; } = 1 << 20;

    /// <summary>How many of the last bill lines are kept (32 bytes each). Default 65,536.</summary>
    public int KeepBillLines { get; init; } = 65_536;

    /// <summary>Largest request body in bytes. Default 64 MiB.</summary>
    public long MaxRequestBytes { get; init; } = 64L << 20;
}
