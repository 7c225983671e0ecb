using Gateway.Dialects.Envelopes;
using Gateway.Edge.Continuation;
using Gateway.Edge.Guarding;
using Gateway.Edge.RequestLog;
using Gateway.Edge.Routing;
using Gateway.Edge.Routing.Calls;
using Gateway.Edge.StoredObjects;
using Gateway.Edge.Telemetry;
using Gateway.Edge.Tools;
using Gateway.Edge.Translation;

namespace Gateway.Edge.Pipeline;

/// <content>What few requests have: it lies in an object of its own, which the others do not make.</content>
internal sealed partial class RequestContext
{
    private const int MostNotes = 32;
    private const int MostNoteChars = 300;

    private RareFacts? _rare;

    /// <summary>The end user that the request names, at most 256 bytes; empty for none.</summary>
    public string EndUser
    {
        get => _rare?.EndUser ?? "";
        set => Rare(value.Length == 0)?.EndUser = value;
    }

    /// <summary>Tags of the key and of the request.</summary>
    public string[] Tags
    {
        get => _rare?.Tags ?? Key?.Identity.Tags ?? [];
        set => Rare(false)?.Tags = value;
    }

    /// <summary>The same in one text, separated by one space.</summary>
    public string TagsText
    {
        get => _rare?.TagsText ?? Key?.Identity.TagsText ?? "";
        set => Rare(false)?.TagsText = value;
    }

    /// <summary>The session that the request says it belongs to, at most 128 bytes; empty for none.</summary>
    public string SessionId
    {
        get => _rare?.SessionId ?? "";
        set => Rare(value.Length == 0)?.SessionId = value;
    }

    /// <summary>The parts of a body that is a form; null for JSON.</summary>
    public IReadOnlyList<FormPart>? Form
    {
        get => _rare?.Form;
        set => Rare(value is null)?.Form = value;
    }

    /// <summary>What the header <c>x-gateway-metadata</c> says; null when it is not there. It counts where the body says nothing.</summary>
    public IReadOnlyDictionary<string, string>? HeaderMetadata
    {
        get => _rare?.HeaderMetadata;
        set => Rare(value is null)?.HeaderMetadata = value;
    }

    /// <summary>What the request has to do with responses that providers keep, or null when nothing.</summary>
    public StoredResponses? Stored
    {
        get => _rare?.Stored;
        set => Rare(value is null)?.Stored = value;
    }

    /// <summary>Models the caller wants to fall back to, in order.</summary>
    public IReadOnlyList<string> CallerFallbacks
    {
        get => _rare?.CallerFallbacks ?? [];
        set => Rare(value.Count == 0)?.CallerFallbacks = value;
    }

    /// <summary>Why the candidates are what they are; null when there was nothing to decide and nobody asks.</summary>
    public RouteDecision? Decision
    {
        get => _rare?.Decision;
        set => Rare(value is null)?.Decision = value;
    }

    /// <summary>What is remembered of the calls that did not answer; null while there are none.</summary>
    public CallState? FailedCalls
    {
        get => _rare?.FailedCalls;
        set => Rare(value is null)?.FailedCalls = value;
    }

    /// <summary>What calls besides the one that answered have used (a hedge that lost, an earlier leg of a stream), or null.</summary>
    public SideUse? Side
    {
        get => _rare?.Side;
        set => Rare(value is null)?.Side = value;
    }

    /// <summary>The call that broke off after its provider may have begun to work, until another one is made: then what it used is <see cref="Side"/> use. Null for none.</summary>
    public CallResult? Broken
    {
        get => _rare?.Broken;
        set => Rare(value is null)?.Broken = value;
    }

    /// <summary>What the next target is asked so that it goes on with a stream that broke off; null while none did.</summary>
    public NextLeg? NextLeg
    {
        get => _rare?.NextLeg;
        set => Rare(value is null)?.NextLeg = value;
    }

    /// <summary>Deployments whose streams broke off and were continued, in order; null when there are none.</summary>
    public List<string>? Continued
    {
        get => _rare?.Continued;
        set => Rare(value is null)?.Continued = value;
    }

    /// <summary>What the answering provider could not be told; null when there is nothing.</summary>
    public IReadOnlyList<string>? Dropped
    {
        get => _rare?.Dropped;
        set => Rare(value is null)?.Dropped = value;
    }

    /// <summary>Keeps the caller of a translated stream waiting; null before its first event.</summary>
    public KeepAlive? KeepAlive
    {
        get => _rare?.KeepAlive;
        set => Rare(value is null)?.KeepAlive = value;
    }

    /// <summary>What the request log keeps of what is said, or null.</summary>
    public LogCapture? Log
    {
        get => _rare?.Log;
        set => Rare(value is null)?.Log = value;
    }

    /// <summary>What steps noted for the request log.</summary>
    public IReadOnlyList<string> Notes => _rare?.Notes ?? [];

    /// <summary>True when a note is worth an entry of the request log by itself.</summary>
    public bool IsNotable => _rare?.IsNotable ?? false;

    /// <summary>Notes something for the request log: <c>cache: hit</c>. Never what was said.</summary>
    /// <param name="text">At most 300 characters count, of at most 32 notes.</param>
    /// <param name="notable">True when it is worth an entry also where there is nothing else to tell.</param>
    public void Note(string text, bool notable = false)
    {
        var rare = Rare(false)!;
        var notes = rare.Notes ??= [];
        rare.IsNotable |= notable;
        if (notes.Count < MostNotes)
        {
            notes.Add(text.Length <= MostNoteChars ? text : text[..MostNoteChars]);
        }
    }

    /// <summary>How long the provider whose refusal is passed on wants to be left alone, or null.</summary>
    public TimeSpan? RetryAfter
    {
        get => _rare?.RetryAfter;
        set => Rare(value is null)?.RetryAfter = value;
    }

    /// <summary>The number of the event of a stored response after which the caller wants to go on, where the gateway skips those before; null where the provider does.</summary>
    public long? StoredAfter
    {
        get => _rare?.StoredAfter;
        set => Rare(value is null)?.StoredAfter = value;
    }

    /// <summary>What guardrails have to do with the request; null where no policy applies to it.</summary>
    public GuardState? Guard
    {
        get => _rare?.Guard;
        set => Rare(value is null)?.Guard = value;
    }

    /// <summary>What is recorded of the request while it runs; null where it is not traced from its start.</summary>
    public RequestTrace? Trace
    {
        get => _rare?.Trace;
        set => Rare(value is null)?.Trace = value;
    }

    /// <summary>The trace in which the request is told of once it has ended, for how it ended; 0 for none.</summary>
    public UInt128 KeptTrace
    {
        get => _rare?.KeptTrace ?? 0;
        set => Rare(value == 0)?.KeptTrace = value;
    }

    /// <summary>What the call that answered used by itself; null where that is all that was used.</summary>
    public CallUse? CallUse
    {
        get => _rare?.CallUse;
        set => Rare(value is null)?.CallUse = value;
    }

    /// <summary>How the request was billed; only of one that is traced, once it is settled.</summary>
    public Billed? Billed
    {
        get => _rare?.Billed;
        set => Rare(value is null)?.Billed = value;
    }

    /// <summary>The loop that answers the request by running tools; null for none.</summary>
    public AgentRun? Agent
    {
        get => _rare?.Agent;
        set => Rare(value is null)?.Agent = value;
    }

    /// <summary>Where the cost of the request is added up, when it is one turn of several; null for one that stands for itself.</summary>
    public AgentBill? Bill
    {
        get => _rare?.Bill;
        set => Rare(value is null)?.Bill = value;
    }

    private RareFacts? Rare(bool isNothing) => isNothing ? _rare : _rare ??= new RareFacts();
}
