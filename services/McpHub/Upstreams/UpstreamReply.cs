using Gateway.McpHub.Protocol;

namespace Gateway.McpHub.Upstreams;

/// <summary>What came of a request: a result, an error that the other side gave, or a fault of the way between.</summary>
internal readonly record struct UpstreamReply
{
    private UpstreamReply(ReadOnlyMemory<byte> json, bool isError, UpstreamFault? fault)
    {
        Json = json;
        IsError = isError;
        Fault = fault;
    }

    /// <summary>The <c>result</c> object, or the <c>error</c> object when <see cref="IsError"/>, byte for byte as it came. Empty with a <see cref="Fault"/>.</summary>
    public ReadOnlyMemory<byte> Json { get; }

    /// <summary>Whether <see cref="Json"/> is a JSON-RPC error of the server.</summary>
    public bool IsError { get; }

    /// <summary>Why there is no answer of the server; null when there is one.</summary>
    public UpstreamFault? Fault { get; }

    /// <summary>Whether there is a result. It may still tell of a tool's failure (<c>isError</c>).</summary>
    public bool IsResult => Fault is null && !IsError;

    /// <summary>A result.</summary>
    public static UpstreamReply Result(ReadOnlyMemory<byte> json) => new(json, false, null);

    /// <summary>An error that the other side gave, the whole <c>error</c> object.</summary>
    public static UpstreamReply Error(ReadOnlyMemory<byte> json) => new(json, true, null);

    /// <summary>The same without what only the hub says.</summary>
    public UpstreamReply WithoutReserved() => Fault is null ? new(ReservedMeta.Without(Json, IsError), IsError, null) : this;

    /// <summary>No answer.</summary>
    public static UpstreamReply Failed(UpstreamFault fault) => new(default, false, fault);
}

/// <summary>Why a server gave no usable answer.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Sentence">For people: whose fault, what to do. Holds no secrets and no addresses.</param>
internal sealed record UpstreamFault(UpstreamFaultKind Kind, string Sentence)
{
    /// <summary>Where the caller connects his account, when that is what is missing.</summary>
    public Uri? ConnectAt { get; init; }

    /// <summary>Whether the request certainly did nothing at the server.</summary>
    public bool IsUnprocessed { get; init; }
}

/// <summary>What can go wrong between the hub and a server.</summary>
internal enum UpstreamFaultKind
{
    /// <summary>No server of that id.</summary>
    Unknown,

    /// <summary>It cannot be reached, or its process does not run.</summary>
    Unreachable,

    /// <summary>It did not answer in time.</summary>
    TimedOut,

    /// <summary>Its answer is larger than allowed.</summary>
    TooLarge,

    /// <summary>What it sent is not a message of the protocol.</summary>
    Malformed,

    /// <summary>It answered a request that was not asked.</summary>
    WrongId,

    /// <summary>It broke off before it answered.</summary>
    BrokenOff,

    /// <summary>Its session ended and the call could not be repeated safely.</summary>
    SessionLost,

    /// <summary>It wants other credentials, or the caller has to connect his account.</summary>
    Unauthorized,

    /// <summary>It refused the request by an HTTP status.</summary>
    Refused,

    /// <summary>It speaks no revision of the protocol that the hub knows.</summary>
    Unsupported,

    /// <summary>The caller went away or cancelled.</summary>
    Cancelled,

    /// <summary>The hub is at a limit of its own, for example of requests under way at the server.</summary>
    Busy,
}
