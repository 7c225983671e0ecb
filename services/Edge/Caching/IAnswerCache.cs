using Gateway.Edge.Errors;
using Gateway.Edge.Pipeline;

namespace Gateway.Edge.Caching;

/// <summary>Step 6: has this been answered before. A hit answers the request itself; a miss lets it go on.</summary>
internal interface IAnswerCache
{
    /// <summary>
    /// Looks the request up. Where <see cref="CacheFacts.LooksRouted"/> is true afterwards, nothing was looked up yet, and it is to be called once more when the route is planned.
    /// </summary>
    /// <returns>A failure to end with, or null; <see cref="CacheFacts.IsAnswered"/> tells a hit.</returns>
    ValueTask<Failure?> LookAsync(RequestContext context);

    /// <summary>Tells that a provider's stream begins to be passed on: where it is to be stored or shared, another source that does so takes its place.</summary>
    void Begin(RequestContext context);

    /// <summary>Offers a complete plain answer, after the request has settled and before its buffer is given back: what is kept is copied.</summary>
    void Offer(RequestContext context, ReadOnlyMemory<byte> answer);

    /// <summary>Ends what the cache does for a request that has <see cref="CacheFacts"/>, however it ended, before its buffers are given back.</summary>
    ValueTask FinishAsync(RequestContext context);
}
