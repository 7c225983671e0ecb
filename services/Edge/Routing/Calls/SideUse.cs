using Gateway.Dialects;

namespace Gateway.Edge.Routing.Calls;

/// <summary>What a request has used besides the call that answered it.</summary>
internal sealed class SideUse
{
    public TokenCounts Tokens { get; private set; }

    /// <summary>Its cost in nano-US-dollars, at the prices of the deployments called.</summary>
    public long CostNanoUsd { get; private set; }

    /// <summary>Version of the price of the last call added; null without one.</summary>
    public string? PriceVersion { get; private set; }

    /// <summary>True when some of the tokens are the gateway's estimate.</summary>
    public bool Estimated { get; private set; }

    /// <summary>The providers that worked, each once.</summary>
    public List<string> Providers { get; } = [];

    public void Add(string providerId, in TokenCounts tokens, long costNanoUsd, string? priceVersion, bool estimated)
    {
        if (!Providers.Contains(providerId))
        {
            Providers.Add(providerId);
        }

        Tokens = Tokens.Add(tokens);
        CostNanoUsd += costNanoUsd;
        PriceVersion = priceVersion ?? PriceVersion;
        Estimated |= estimated;
    }
}
