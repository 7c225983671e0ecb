using System.Globalization;
using System.Runtime.CompilerServices;
using Gateway.Contracts.Configuration;
using Gateway.Contracts.Usage;
using Gateway.Dialects;
using Gateway.Edge.Caching.Flights;
using Gateway.Edge.Caching.Keys;
using Gateway.Edge.Caching.Policies;
using Gateway.Edge.Caching.Semantic;
using Gateway.Edge.Http;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Routing;

namespace Gateway.Edge.Caching;

/// <summary>What the cache knows of one request. Only requests under a policy that caches have it.</summary>
internal sealed class CacheFacts(CacheRule rule)
{
    // Apart, as few requests share a call and each has these facts.
    private StrongBox<TokenCounts>? _sharedTokens;

    public CacheRule Rule { get; } = rule;

    public CacheResult Outcome { get; set; } = CacheResult.Bypass;

    /// <summary>Why the cache was kept out, in a few words; null otherwise.</summary>
    public string? Reason { get; set; }

    public CacheWish Wish { get; set; }

    public CacheKey Key { get; set; }

    public string Scope { get; set; } = "";

    /// <summary>The route that the key was computed for.</summary>
    public RouteRuntime? Route { get; set; }

    /// <summary>The first target of a route that was planned before it was looked; empty where the route's targets all answer alike.</summary>
    public string Target { get; set; } = "";

    /// <summary>True when the route must be known before it can be looked: its rules decide who answers.</summary>
    public bool LooksRouted { get; set; }

    /// <summary>True when the answer may be stored.</summary>
    public bool MayStore { get; set; }

    /// <summary>The stored answer that the request is answered with.</summary>
    public StoredAnswer? Hit { get; set; }

    /// <summary>What policy would have answered with, had it not been for shadow mode.</summary>
    public CacheResult? WouldBe { get; set; }

    /// <summary>The cache service's id of a semantic hit.</summary>
    public string? EntryId { get; set; }

    /// <summary>How alike a semantic hit's text is.</summary>
    public double Similarity { get; set; }

    /// <summary>The question, where it is compared by meaning.</summary>
    public SemanticQuestion? Question { get; set; }

    /// <summary>The call that the request makes or shares; null for none.</summary>
    public Flight? Flight { get; set; }

    /// <summary>True for the request that makes the shared call.</summary>
    public bool IsLeader { get; set; }

    /// <summary>What comes of the provider's stream, where it is collected.</summary>
    public FlightLog? Log { get; set; }

    /// <summary>The plain answer that was offered, copied.</summary>
    public byte[]? Offered { get; set; }

    public int AgeSeconds { get; set; }

    /// <summary>True when the answer came to its end.</summary>
    public bool IsWhole { get; set; }

    /// <summary>What the whole call cost, whoever pays.</summary>
    public long CostNanoUsd { get; set; }

    /// <summary>True when the request is answered without a call of its own.</summary>
    public bool IsAnswered => Outcome is CacheResult.HitExact or CacheResult.HitSemantic or CacheResult.Shared;

    /// <summary>What was used by the call whose answer this request was given.</summary>
    public TokenCounts SavedTokens => Hit?.Tokens ?? _sharedTokens?.Value ?? default;

    /// <summary>What that call cost.</summary>
    public long SavedNanoUsd { get; set; }

    /// <summary>The name of <see cref="Outcome"/> in headers and metrics.</summary>
    public static string NameOf(CacheResult outcome) => outcome switch
    {
        CacheResult.HitExact => "hit-exact",
        CacheResult.HitSemantic => "hit-semantic",
        CacheResult.Shared => "shared",
        CacheResult.Miss => "miss",
        _ => "bypass",
    };

    /// <summary>How the request stands in the ledger.</summary>
    public CacheUse Use => Outcome switch
    {
        CacheResult.HitExact => CacheUse.Exact,
        CacheResult.HitSemantic => CacheUse.Semantic,
        CacheResult.Shared => CacheUse.Shared,
        _ => CacheUse.None,
    };

    /// <summary>What the request pays.</summary>
    /// <param name="context">The request, whose tokens are known.</param>
    /// <param name="cost">What the call cost that it made or shared; 0 where it was answered from the cache.</param>
    public long Charge(RequestContext context, long cost)
    {
        CostNanoUsd = IsAnswered ? CostNanoUsd : cost;
        var isShared = Rule.SingleFlight == SingleFlightPolicy.Shared && IsWhole;
        if (Outcome == CacheResult.Shared)
        {
            var share = isShared ? Flight!.ShareOf(cost, isLeader: false) : 0;
            _sharedTokens = new StrongBox<TokenCounts>(context.Tokens);
            SavedNanoUsd = Math.Max(0, cost - share);
            return share;
        }

        return !IsAnswered && isShared && IsLeader ? Flight!.ShareOf(cost, isLeader: true) : cost;
    }

    public void WriteHeaders(RequestContext context)
    {
        var headers = context.Http.Response.Headers;
        headers[GatewayHeaders.Cache] = NameOf(Outcome);
        if (Outcome is CacheResult.HitExact or CacheResult.HitSemantic)
        {
            headers[GatewayHeaders.CacheAge] = AgeSeconds.ToString(CultureInfo.InvariantCulture);
            headers[GatewayHeaders.CacheId] = EntryId ?? Hit!.Key.ToString();
        }
        else if (MayStore)
        {
            headers[GatewayHeaders.CacheId] = Key.ToString();
        }

        if (Outcome == CacheResult.HitSemantic)
        {
            headers[GatewayHeaders.CacheSimilarity] = Similarity.ToString("0.0000", CultureInfo.InvariantCulture);
        }
    }
}
