using Gateway.Guardrails.Vault;
using Gateway.Guardrails.Engine;
using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Edge.Guarding;

/// <summary>What guardrails have to do with one request. Only requests that a policy applies to have one.</summary>
internal sealed class GuardState(PolicySet all, PolicySet policies)
{
    private readonly List<RuleNote> _notes = [];
    private readonly Lock _lock = new();

    /// <summary>Every policy that applies, for keys of caches: equal where answers mean the same.</summary>
    public string Fingerprint => All.Fingerprint;

    /// <summary>Measures the timeouts of policies over the answer; null: they are not measured.</summary>
    public TimeProvider? Clock { get; init; }

    /// <summary>The policies that are run: all that apply but those that sampling left out.</summary>
    public PolicySet Policies { get; set; } = policies;

    /// <summary>Every policy that was run over the request, for its answer.</summary>
    public PolicySet Ran { get => field ?? Policies; set; }

    /// <summary>Every policy that applies.</summary>
    public PolicySet All { get; set; } = all;

    /// <summary>System prompts of the request, to find them in its answer.</summary>
    public IReadOnlyList<string> SystemPrompts { get; set; } = [];

    /// <summary>The stand-ins of the request's conversation, or null where no rule makes any.</summary>
    public Conversation? Conversation { get; set; }

    /// <summary>What the conversation is called where its texts do not tell: a session's messages come one by one. Null: by the request.</summary>
    public string? ConversationName { get; set; }

    /// <summary>True when there was something that no rule can look at: media, or bytes that are no text.</summary>
    public bool HasUnseen { get; set; }

    /// <summary>True when that was refused, because a policy must see it.</summary>
    public bool IsUnseenRefused { get; set; }

    /// <summary>The route that a rule sends the request to, or null.</summary>
    public string? Route { get; set; }

    /// <summary>True once the answer was ended by a rule.</summary>
    public bool IsAnswerBlocked { get; set; }

    /// <summary>What the rules did, in the order they did it.</summary>
    public IReadOnlyList<RuleNote> Notes
    {
        get
        {
            lock (_lock)
            {
                return [.. _notes];
            }
        }
    }

    /// <summary>Adds what rules did.</summary>
    public void Note(IEnumerable<RuleNote> notes)
    {
        lock (_lock)
        {
            _notes.AddRange(notes);
        }
    }
}
