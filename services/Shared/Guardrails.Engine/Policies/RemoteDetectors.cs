namespace Gateway.Guardrails.Engine.Policies;

/// <summary>Detectors that are other services: the engine checks their rules and leaves running them to its caller.</summary>
public static class RemoteDetectors
{
    /// <summary>The detectors.</summary>
    public static IReadOnlyList<DetectorDescriptor> All { get; } =
    [
        Injection.InjectionDetector.DeepDescriptor,
        new() { Name = "webhook", Summary = "A service of your own that gives a verdict.", Members = DetectorMembers.Endpoint | DetectorMembers.MinScore, Required = DetectorMembers.Endpoint },
        new() { Name = "judge", Summary = "A model behind one of the gateway's own routes that is asked to decide.", Members = DetectorMembers.JudgeRoute | DetectorMembers.JudgePrompt | DetectorMembers.MinScore, Required = DetectorMembers.JudgeRoute | DetectorMembers.JudgePrompt, FindsSpans = false },
        Adapter("openai_moderation", "OpenAI's moderation endpoint.", spans: false),
        Adapter("azure_content_safety", "Azure AI Content Safety.", spans: false),
        Adapter("bedrock_guardrails", "Amazon Bedrock Guardrails.", spans: true),
        Adapter("model_armor", "Google Model Armor.", spans: true),
        Adapter("lakera", "Lakera Guard.", spans: true),
        Adapter("presidio", "Microsoft Presidio's analyzer over HTTP.", spans: true),
    ];

    private static DetectorDescriptor Adapter(string name, string summary, bool spans) => new()
    {
        Name = name,
        Summary = summary,
        Members = DetectorMembers.Endpoint | DetectorMembers.MinScore | DetectorMembers.Allow,
        Required = DetectorMembers.Endpoint,
        FindsSpans = spans,
    };
}
