using Gateway.Dialects;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Prices;

namespace Gateway.Edge.Telemetry;

/// <summary>What of a request's cost is for what. The parts add up to the whole; where a price changes with the length of the prompt, what cannot be told apart counts as input.</summary>
internal static class CostParts
{
    /// <summary>The parts that are not zero.</summary>
    public static Parts Of(RequestContext context)
    {
        var parts = new Parts();
        var whole = context.CostNanoUsd;
        if (context.CallUse is { } call)
        {
            parts.Add("other_calls", whole - call.CostNanoUsd);
            whole = call.CostNanoUsd;
        }

        if (context.Cache is { Flight: not null } || context.Deployment is not { } deployment)
        {
            // A share of what one call cost that several were answered by.
            parts.Add("shared", whole);
            return parts;
        }

        var tokens = context.CallTokens;
        var rest = whole;
        Take(context, deployment.Pricing, ref tokens, ref rest, ref parts, "output", tokens with { Output = 0, Reasoning = 0 });
        Take(context, deployment.Pricing, ref tokens, ref rest, ref parts, "cache_read", tokens with { CacheRead = 0 });
        Take(context, deployment.Pricing, ref tokens, ref rest, ref parts, "cache_write", tokens with { CacheWrite = 0, CacheWriteHour = 0 });
        Take(context, deployment.Pricing, ref tokens, ref rest, ref parts, "audio", tokens with { AudioInput = 0, AudioCacheRead = 0, AudioOutput = 0 });
        Take(context, deployment.Pricing, ref tokens, ref rest, ref parts, "image", tokens with { ImageInput = 0, ImageCacheRead = 0, ImageOutput = 0 });
        if (BilledUse.Units(context) != default)
        {
            Take(context, deployment.Pricing, ref tokens, ref rest, ref parts, "input", tokens with { Input = 0 });
            parts.Add("units", rest);
        }
        else
        {
            parts.Add("input", rest);
        }

        return parts;
    }

    private static void Take(RequestContext context, ModelPricing pricing, ref TokenCounts tokens, ref long rest, ref Parts parts, string name, in TokenCounts without)
    {
        if (without.Total == tokens.Total)
        {
            return;
        }

        var left = Math.Min(rest, pricing.Cost(context.PriceOf(context.Deployment!), without, BilledUse.Units(context), BilledUse.Served(without, context.Envelope), out _));
        parts.Add(name, rest - left);
        (tokens, rest) = (without, left);
    }

    /// <summary>Up to eight parts, without a list.</summary>
    internal struct Parts
    {
        private const int Most = 8;
        private Places _places;
        private int _count;

        public void Add(string name, long nanoUsd)
        {
            if (nanoUsd > 0 && _count < Most)
            {
                _places[_count++] = (name, nanoUsd);
            }
        }

        public readonly Walk GetEnumerator() => new(this);

        internal struct Walk(Parts parts)
        {
            private readonly Parts _parts = parts;
            private int _at = -1;

            public readonly (string Name, long NanoUsd) Current => _parts._places[_at];

            public bool MoveNext() => ++_at < _parts._count;
        }

        [System.Runtime.CompilerServices.InlineArray(Most)]
        private struct Places
        {
            private (string Name, long NanoUsd) _first;
        }
    }
}
