using Gateway.Catalogue;
using Gateway.Contracts.Configuration;

namespace Gateway.Edge.Prices;

/// <summary>The prices of a snapshot, as each deployment's policy for models without a price takes them: the assumed price is only for those that assume.</summary>
internal sealed class PriceBooks(IReadOnlyList<PriceOverrideEntry> overrides, GatewaySettings settings)
{
    private readonly PriceBook _known = new(overrides);
    private readonly PriceBook _assuming = new(overrides, PriceBook.FindAssumed(settings.AssumedPrice));

    public ModelPricing Of(DeploymentEntry deployment) =>
        new(deployment, (deployment.Unpriced ?? settings.Unpriced) == UnpricedPolicy.Assume ? _assuming : _known, settings.Unpriced);
}
