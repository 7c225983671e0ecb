using Gateway.Contracts.Configuration;
using Gateway.Contracts.Usage;
using Gateway.Edge.Caching.Policies;
using Gateway.Edge.Pipeline;

namespace Gateway.Edge.Caching.Keys;

/// <summary>Computes the key of a request: all that shapes its answer, and all that decides who may have it.</summary>
internal static class KeyBuilder
{
    // Changes with every change of what goes into the hash.
    private const byte Version = 1;

    // Header values that providers of these dialects are told.
    private static readonly string[] _headers = ["anthropic-version", "anthropic-beta", "OpenAI-Beta"];

    /// <summary>Whether answers of an operation are cached.</summary>
    public static bool IsCacheable(OperationSpec operation) =>
        operation is { IsFree: false, TakesForm: false } && operation.Operation is Operation.Chat or Operation.Completion or Operation.Embedding or Operation.Moderation or Operation.Rerank;

    /// <summary>The scope whose entries a request may see, as <c>kind:name</c>.</summary>
    public static string Scope(RequestContext context, CacheRule rule)
    {
        var identity = context.Key!.Identity;
        return rule.Scope switch
        {
            CacheScope.Shared => $"shared:{rule.SharedScope}",
            CacheScope.Route => $"route:{context.Route!.Entry.Name}",
            CacheScope.Customer when identity.CustomerId.Length > 0 => $"customer:{identity.CustomerId}",
            CacheScope.Customer or CacheScope.Team when identity.TeamId.Length > 0 => $"team:{identity.TeamId}",
            _ => $"key:{identity.Id}",
        };
    }

    /// <summary>Computes the key.</summary>
    /// <param name="context">The request, its body as it would go out.</param>
    /// <param name="tokens">The body.</param>
    /// <param name="facts">What the cache knows of it.</param>
    /// <param name="hole">A value that is left out, or -1: with one the key is that of all requests that differ in it only.</param>
    public static CacheKey Build(RequestContext context, in RequestTokens tokens, CacheFacts facts, int hole)
    {
        var operation = context.Operation;
        var text = new HashText(context.Body.Length + (context.Body.Length / 2) + 512);
        try
        {
            text.Tag(Version);
            text.Tag(hole < 0 ? (byte)'e' : (byte)'s');
            text.Number((int)operation.Operation);
            text.Number((int)operation.Dialect);
            text.Number((int)operation.EmbeddingWire);
            text.Number((int)operation.RerankWire);
            text.Text(facts.Scope);
            text.Text(facts.Rule.PerEndUser ? context.EndUser : "");
            text.Text(facts.Wish.Namespace);
            text.Text(context.Route!.Entry.Name);
            text.Text(context.ModelName);
            text.Text(facts.Target);
            text.Piece((byte)'f', context.Route.Fingerprint);
            text.Piece((byte)'a', context.Key!.Access.ProviderFingerprint);
            text.Text(context.GuardFingerprint);
            foreach (var header in _headers)
            {
                text.Text(context.Http.Request.Headers.TryGetValue(header, out var value) ? value.ToString() : "");
            }

            text.Text(context.Http.Request.QueryString.HasValue && context.Http.Request.Query["beta"] == "true" ? "beta" : "");
            CanonicalRequest.Write(tokens, IgnoredMembers.Of(operation), hole, ref text);
            return text.Hash();
        }
        finally
        {
            text.Dispose();
        }
    }

    /// <summary>Names what shares evidence of right and wrong hits: partitions of single conversations are too small to learn from.</summary>
    public static CacheKey Domain(CacheFacts facts, RequestContext context)
    {
        var text = new HashText(256);
        try
        {
            text.Tag(Version);
            text.Tag((byte)'d');
            text.Text(facts.Scope);
            text.Text(facts.Rule.PerEndUser ? context.EndUser : "");
            text.Text(facts.Wish.Namespace);
            text.Text(context.Route!.Entry.Name);
            return text.Hash();
        }
        finally
        {
            text.Dispose();
        }
    }
}
