using Gateway.Contracts.Configuration;
using Gateway.Dialects;
using Gateway.Edge.Admission.Budgets;
using Gateway.Edge.Errors;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Pipeline.Steps;
using Gateway.Edge.Prices;
using Gateway.Edge.Routing.Calls;
using Gateway.Edge.Runtime;

namespace Gateway.Edge.Uploads;

/// <summary>
/// Charges a batch its upper bound when it is made: no lease lives as long as a batch, and nothing else keeps other requests from spending meanwhile what it will cost.
/// <see cref="BatchSettlement"/> gives it back with the bill.
/// </summary>
internal sealed class BatchCharges(AdmitStep admit)
{
    /// <summary>Holds the most that a batch can cost on every budget over it.</summary>
    /// <returns>What is to be charged, or why there is no room.</returns>
    public async ValueTask<(BatchHold Hold, Failure? Failure)> HoldAsync(RequestContext context, DeploymentRuntime holder, BatchInput input)
    {
        var set = BudgetGate.SetOf(context);
        if (set.IsEmpty)
        {
            return default;
        }

        var deployment = ModelDeployments.Find(context.Model, holder, input.Model, out var name);
        if (input.Bound.Cost(deployment, new PriceQuery(name, context.Key!.Identity.CustomerId, context.StartedAtMicros), context.Settings.DefaultOutputTokens) is not { } amount)
        {
            return deployment.Pricing.Unpriced == UnpricedPolicy.Allow
                ? default
                : (default, new Failure(GatewayError.ModelUnpriced, Step.Admit, $"The model '{input.Model}' has no known price, and this key has a budget."));
        }

        var failure = await admit.HoldForAsync(context, amount, holder.Provider.Id).ConfigureAwait(false);
        return failure is null ? (BatchHold.Of(amount, context.StartedAtMicros, Accounts(set, holder.Provider.Id)), null) : (default, failure);
    }

    /// <summary>Makes what is held the cost of the request, however it ends from now on.</summary>
    public static void Charge(RequestContext context, DeploymentRuntime holder, string model, in BatchHold hold)
    {
        if (hold.NanoUsd == 0)
        {
            return;
        }

        var deployment = ModelDeployments.Find(context.Model, holder, model, out var name);
        var version = deployment.Pricing.Price(new PriceQuery(name, context.Key!.Identity.CustomerId, context.StartedAtMicros))?.Version;
        (context.Side ??= new SideUse()).Add(holder.Provider.Id, default(TokenCounts), hold.NanoUsd, version, estimated: true);
    }

    /// <summary>The accounts over a batch that a provider works on.</summary>
    public static IEnumerable<BudgetAccount> Accounts(BudgetSet set, string providerId) =>
        set.IndexOf(providerId) is >= 0 and var index ? set.Accounts.Concat(set.Providers[index].Accounts) : set.Accounts;
}
