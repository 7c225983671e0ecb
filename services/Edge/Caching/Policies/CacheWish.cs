using System.Globalization;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Errors;
using Gateway.Edge.Http;
using Gateway.Edge.Pipeline;

namespace Gateway.Edge.Caching.Policies;

/// <summary>What the headers of a request ask of the cache. They can only narrow what policy allows.</summary>
internal readonly struct CacheWish
{
    private const int MostNamespaceChars = 128;

    /// <summary>True: stored answers are not wanted.</summary>
    public bool NoCache { get; private init; }

    /// <summary>True: the answer is not to be stored.</summary>
    public bool NoStore { get; private init; }

    /// <summary>The oldest answer that is wanted; null: any.</summary>
    public TimeSpan? MaxAge { get; private init; }

    /// <summary>The widest mode that is wanted; null: what policy says.</summary>
    public CacheMode? Mode { get; private init; }

    /// <summary>How long the answer is to be kept at most; null: what policy says.</summary>
    public TimeSpan? Ttl { get; private init; }

    /// <summary>Who names it shares answers only with requests that name the same; empty for none.</summary>
    public string Namespace { get; private init; }

    /// <summary>Reads the headers.</summary>
    /// <returns>Null, or what is wrong with them.</returns>
    public static Failure? Read(RequestContext context, out CacheWish wish)
    {
        var headers = context.Http.Request.Headers;
        wish = new CacheWish { Namespace = "" };
        if (headers.CacheControl.Count > 0)
        {
            wish = ReadControl(headers.CacheControl.ToString(), wish);
        }

        if (headers.TryGetValue(GatewayHeaders.CacheMode, out var mode))
        {
            CacheMode? parsed = mode.ToString() switch { "off" => CacheMode.Off, "exact" => CacheMode.Exact, "semantic" => CacheMode.Semantic, _ => null };
            if (parsed is null)
            {
                return Wrong(GatewayHeaders.CacheMode, "must be one of off, exact, semantic");
            }

            wish = wish with { Mode = parsed };
        }

        if (headers.TryGetValue(GatewayHeaders.CacheTtl, out var ttl))
        {
            if (!int.TryParse(ttl.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds < 1)
            {
                return Wrong(GatewayHeaders.CacheTtl, "must be a whole number of seconds from 1");
            }

            wish = wish with { Ttl = TimeSpan.FromSeconds(seconds) };
        }

        if (headers.TryGetValue(GatewayHeaders.CacheNamespace, out var space))
        {
            if (space.ToString() is not { Length: > 0 and <= MostNamespaceChars } name)
            {
                return Wrong(GatewayHeaders.CacheNamespace, $"must have 1 to {MostNamespaceChars} characters");
            }

            wish = wish with { Namespace = name };
        }

        return null;
    }

    /// <summary>What is not understood in <c>Cache-Control</c> is passed over, as HTTP wants it.</summary>
    private static CacheWish ReadControl(ReadOnlySpan<char> header, CacheWish wish)
    {
        foreach (var range in header.Split(','))
        {
            var directive = header[range].Trim();
            if (directive.Equals("no-cache", StringComparison.OrdinalIgnoreCase))
            {
                wish = wish with { NoCache = true };
            }
            else if (directive.Equals("no-store", StringComparison.OrdinalIgnoreCase))
            {
                wish = wish with { NoStore = true };
            }
            else if (directive.StartsWith("max-age=", StringComparison.OrdinalIgnoreCase)
                && int.TryParse(directive["max-age=".Length..].Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
            {
                wish = wish with { MaxAge = TimeSpan.FromSeconds(seconds) };
            }
        }

        return wish;
    }

    private static Failure Wrong(string header, string must) => new(GatewayError.ValueInvalid, Step.Cache, $"The header {header} {must}.") { Param = header };
}
