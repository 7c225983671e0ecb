using Gateway.Contracts.Usage;
using Gateway.Dialects;
using Gateway.Dialects.Envelopes;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Routing;

namespace Gateway.Edge.Prices;

/// <summary>What of a request changes its price besides its tokens: the tier that serves it, and what is not billed by tokens.</summary>
internal static class BilledUse
{
    // What a search tool may do for one answer where the request does not say how often.
    private const int MostWebSearches = 10;

    // What the common image models make where no size is named.
    private const long PixelsOfImage = 1024 * 1024;

    /// <summary>The dearest tier that the request may be served in.</summary>
    public static ServiceTier Asked(RequestContext context) =>
        context.Envelope.IsTierLeft ? ServiceTier.Priority : Of(context.Envelope.Tier);

    /// <summary>The tier that the request was served in: as the provider says, else the dearer of what was asked for and the usual one.</summary>
    public static ServiceTier Served(in TokenCounts tokens, in RequestEnvelope asked) =>
        tokens.Tier != ReportedTier.Unknown ? Of(tokens.Tier)
        : asked.Tier == ReportedTier.Priority ? ServiceTier.Priority : ServiceTier.Standard;

    /// <summary>What was used that is not billed by tokens.</summary>
    public static UsageUnits Units(RequestContext context)
    {
        var units = context.Units;
        return context.Tokens.WebSearches == 0 ? units
            : units with { WebSearches = Searches(context), WebSearchSize = SearchSize(context) };
    }

    /// <summary>Searches as they are billed: by Gemini before its third generation an answer is, whatever it took.</summary>
    private static long Searches(RequestContext context) =>
        context.Deployment is { } deployment && context.ModelFor(deployment) is var model && (model.Contains("gemini-1", StringComparison.OrdinalIgnoreCase) || model.Contains("gemini-2", StringComparison.OrdinalIgnoreCase))
            ? 1
            : context.Tokens.WebSearches;

    /// <summary>The most searches of the web that a request may make: none unless it names a tool for it.</summary>
    public static long MostSearches(RequestContext context) => MostSearches(context.Body.Span, context.Envelope);

    /// <summary>How often a request may search the web at the most.</summary>
    public static long MostSearches(ReadOnlySpan<byte> body, in RequestEnvelope envelope)
    {
        return envelope.MostSearches > 0 ? envelope.MostSearches
            : !envelope.IsForm && (body.IndexOf("web_search"u8) >= 0 || body.IndexOf("google_search"u8) >= 0 || body.IndexOf("googleSearch"u8) >= 0) ? MostWebSearches : 0;
    }

    /// <summary>The images that a request asks for, with the size and quality that it names.</summary>
    public static UsageUnits Images(RequestContext context, long images)
    {
        var (size, quality) = context.Envelope.IsForm ? ("", "") : (BodyMembers.Find(context.Body.Span, "size", null), BodyMembers.Find(context.Body.Span, "quality", null));
        return new UsageUnits { Images = images, Pixels = images * Pixels(size), ImageQuality = Quality(quality) };
    }

    private static long Pixels(string size)
    {
        var cross = size.IndexOf('x', StringComparison.Ordinal);
        return cross > 0 && int.TryParse(size.AsSpan(0, cross), out var width) && int.TryParse(size.AsSpan(cross + 1), out var height) && width is > 0 and <= 16_384 && height is > 0 and <= 16_384
            ? (long)width * height
            : PixelsOfImage;
    }

    private static ImageQuality Quality(string quality) => quality switch
    {
        "standard" => ImageQuality.Standard,
        "hd" => ImageQuality.Hd,
        "low" => ImageQuality.Low,
        "medium" => ImageQuality.Medium,
        "high" => ImageQuality.High,
        _ => ImageQuality.Unknown,
    };

    private static WebSearchSize SearchSize(RequestContext context) => BodyMembers.Find(context.Body.Span, "web_search_options", "search_context_size") switch
    {
        "low" => WebSearchSize.Low,
        "medium" => WebSearchSize.Medium,
        "high" => WebSearchSize.High,
        _ => WebSearchSize.Unknown,
    };

    private static ServiceTier Of(ReportedTier tier) => tier switch
    {
        ReportedTier.Batch => ServiceTier.Batch,
        ReportedTier.Priority => ServiceTier.Priority,
        ReportedTier.Flex => ServiceTier.Flex,
        _ => ServiceTier.Standard,
    };
}
