using System.Collections.Frozen;
using Gateway.Guardrails.Engine.BlockedTerms;
using Gateway.Guardrails.Engine.JsonSchema;
using Gateway.Guardrails.Engine.Keywords;
using Gateway.Guardrails.Engine.Length;
using Gateway.Guardrails.Engine.Pii;
using Gateway.Guardrails.Engine.Regexes;
using Gateway.Guardrails.Engine.Secrets;
using Gateway.Guardrails.Engine.SystemPrompts;
using Gateway.Guardrails.Engine.ToolCalls;
using Gateway.Guardrails.Engine.Urls;

namespace Gateway.Guardrails.Engine.Policies;

/// <summary>Every detector that rules can name.</summary>
public static class DetectorCatalogue
{
    /// <summary>Raised when a detector finds something else than it did: what was decided under it before counts as decided by another policy.</summary>
    public const int Version = 2;

    /// <summary>The detectors, one line each.</summary>
    public static IReadOnlyList<DetectorDescriptor> All { get; } =
    [
        PiiDetector.Descriptor,
        SecretsDetector.Descriptor,
        BlockedTermsDetector.Descriptor,
        KeywordsDetector.Descriptor,
        Injection.InjectionDetector.Descriptor,
        Moderation.ModerationDetector.Descriptor,
        Topics.TopicsDetector.Descriptor,
        Topics.CompetitorsDetector.Descriptor,
        Language.LanguageDetector.Descriptor,
        Code.CodeDetector.Descriptor,
        RegexDetector.Descriptor,
        LengthDetector.Descriptor,
        JsonSchemaDetector.Descriptor,
        UrlDetector.Descriptor,
        SystemPromptDetector.Descriptor,
        ToolCallDetector.Descriptor,
        .. RemoteDetectors.All,
    ];

    private static readonly FrozenDictionary<string, DetectorDescriptor> _byName = All.ToFrozenDictionary(static d => d.Name, StringComparer.Ordinal);

    /// <summary>The detector of a name; null for an unknown one.</summary>
    /// <param name="name">The name.</param>
    public static DetectorDescriptor? Find(string name) => _byName.GetValueOrDefault(name);
}
