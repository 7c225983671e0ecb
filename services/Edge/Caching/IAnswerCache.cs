using Gateway.Contracts.Configuration;
using Gateway.Edge.Errors;
using Gateway.Edge.Pipeline;

namespace Gateway.Edge.Caching;

/// <summary>Step 6: has this been answered before. A hit answers the request itself; a miss lets it go on.</summary>
internal interface IAnswerCache
{
    /// <summary>Looks the request up.</summary>
    /// <returns>A failure to end with, or null; <see cref="RequestContext.Upstream"/> stays null on a miss.</returns>
    ValueTask<Failure?> LookAsync(RequestContext context);

    /// <summary>Offers a complete plain answer for storing, after the request has settled and before its buffer is given back: what is kept must be copied.</summary>
    void Offer(RequestContext context, ReadOnlyMemory<byte> answer);
}

/// <summary>The cache as long as <see cref="CacheMode.Off"/> is the only mode: nothing is looked up and nothing kept.</summary>
internal sealed class PassThroughCache : IAnswerCache
{
    public ValueTask<Failure?> LookAsync(RequestContext context) => default;

    public void Offer(RequestContext context, ReadOnlyMemory<byte> answer)
    {
    }
}
