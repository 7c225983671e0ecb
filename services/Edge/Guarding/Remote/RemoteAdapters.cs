using System.Collections.Frozen;

namespace Gateway.Edge.Guarding.Remote;

/// <summary>A service of a known form.</summary>
internal interface IRemoteAdapter
{
    /// <summary>Asks it. Faults of the connection and of the form are exceptions, which the caller knows.</summary>
    Task<RemoteAnswer> AskAsync(RemoteQuestion question, RemoteCalls calls, CancellationToken cancellationToken);
}

/// <summary>The services of a known form, by the detector's name.</summary>
internal static class RemoteAdapters
{
    private static readonly FrozenDictionary<string, IRemoteAdapter> _byName = new Dictionary<string, IRemoteAdapter>(StringComparer.Ordinal)
    {
        ["webhook"] = new WebhookAdapter(),
        ["openai_moderation"] = new OpenAIModerationAdapter(),
        ["azure_content_safety"] = new AzureContentSafetyAdapter(),
        ["bedrock_guardrails"] = new BedrockGuardrailsAdapter(),
        ["model_armor"] = new ModelArmorAdapter(),
        ["lakera"] = new LakeraAdapter(),
        ["presidio"] = new PresidioAdapter(),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static IRemoteAdapter? Find(string name) => _byName.GetValueOrDefault(name);
}
