using System.Globalization;
using Gateway.Edge.Errors;

namespace Gateway.Edge.Admission.Budgets;

/// <summary>What callers are told when a budget refuses.</summary>
internal static class BudgetFailures
{
    public static Failure Of(BudgetRefused refused, long nanoUsd)
    {
        var account = refused.Account;
        if (refused.Why == LeaseAnswer.Unavailable)
        {
            return new Failure(GatewayError.BudgetUnavailable, Step.Admit, $"The ledger of the budget '{account.Budget.Name}' cannot be asked at the moment, and what this gateway may spend of it without asking is used up; try again in a moment.")
            {
                RetryAfter = TimeSpan.FromSeconds(1),
            };
        }

        // How much is left would tell a key's holder what its team mates spend.
        return new Failure(
            GatewayError.BudgetExhausted,
            Step.Admit,
            $"The budget '{account.Budget.Name}' has no room for this request, which may cost up to {NanoUsdText.Format(nanoUsd)} USD. {Reset(account)} A lower max_tokens makes a request fit a smaller rest.");
    }

    /// <summary>When the account has room again by itself.</summary>
    public static string Reset(BudgetAccount account)
    {
        var end = account.Figures.WindowEnd;
        return account.Window.Rolling ? "What was spent first is free again first, as its window goes by."
            : end == long.MaxValue ? "It does not reset."
            : string.Create(CultureInfo.InvariantCulture, $"It resets at {DateTime.UnixEpoch.AddMicroseconds(end):u}.");
    }
}
