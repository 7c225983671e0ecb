using Gateway.Edge.Http;
using Gateway.Edge.Routing;
using Gateway.Edge.Upstream;

namespace Gateway.Edge.Pipeline;

/// <summary>What the call step hands on: a whole plain answer, or a stream whose first event is there.</summary>
internal struct UpstreamAnswer
{
    private PooledBody _body;

    /// <summary>The plain answer, or a provider's error.</summary>
    public PooledBody Body
    {
        readonly get => _body;
        set => _body = value;
    }

    /// <summary>The stream, or null for a plain answer.</summary>
    public StreamSource? Stream { get; set; }

    /// <summary>How the answer is brought into the caller's form, or null when it is passed on as bytes of OpenAI's dialect.</summary>
    public AnswerForm? Form { get; set; }

    /// <summary>Bounds the call until its last byte.</summary>
    public CallDeadline? Deadline { get; set; }

    /// <summary>The call's place at its target, until the last byte.</summary>
    public TargetLease? Lease { get; set; }

    /// <summary>Gives everything back; safe to call twice.</summary>
    public void Dispose()
    {
        _body.Return();
        _body = default;
        Stream?.Dispose();
        Stream = null;
        Deadline?.Dispose();
        Deadline = null;
        Lease?.Dispose();
        Lease = null;
    }
}
