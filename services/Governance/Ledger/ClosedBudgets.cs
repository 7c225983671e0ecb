using System.Runtime.CompilerServices;
using Gateway.Budgets;
using Gateway.Contracts.Configuration;

namespace Gateway.Governance.Ledger;

/// <summary>
/// What is in force for a stored budget that cannot be put in force as it is (of another build, or altered in the store): one without room over the same accounts. To leave it out would let
/// through unseen what it was meant to stop, and to pass it on would keep every other change from the edges.
/// </summary>
internal static class ClosedBudgets
{
    // Found by the entry itself, so that a budget that did not change is the same object in the next snapshot.
    private static readonly ConditionalWeakTable<BudgetEntry, InForce> Known = [];

    /// <summary>The budget, or the closed one that stands for it.</summary>
    public static BudgetEntry Of(BudgetEntry stored) => Known.GetValue(stored, Make).Entry;

    /// <summary>Why a closed one stands for it, or null.</summary>
    public static string? Problem(BudgetEntry stored) => Known.GetValue(stored, Make).Problem;

    private static InForce Make(BudgetEntry stored)
    {
        if (BudgetCheck.Problems(stored).FirstOrDefault() is not { Field: not null } problem)
        {
            return new InForce(stored, null);
        }

        var closed = new BudgetEntry
        {
            Id = stored.Id, Name = stored.Name, LimitNanoUsd = 0, Window = BudgetWindow.Total, Scope = Whole(stored.Scope), DryRun = stored.DryRun,
        };
        return new InForce(closed, $"Budget '{stored.Id}' cannot be put in force: {problem.Field} {problem.Message} Until it is mended it lets nothing through.");
    }

    // A member that is wrong is left out: the budget then stands over more, never over less.
    private static AccountScope? Whole(AccountScope? scope)
    {
        if (scope is null)
        {
            return null;
        }

        var whole = new AccountScope
        {
            CustomerId = Good(new AccountScope { CustomerId = scope.CustomerId }) ? scope.CustomerId : null,
            TeamId = Good(new AccountScope { TeamId = scope.TeamId }) ? scope.TeamId : null,
            UserId = Good(new AccountScope { UserId = scope.UserId }) ? scope.UserId : null,
            KeyId = Good(new AccountScope { KeyId = scope.KeyId }) ? scope.KeyId : null,
            Tag = Good(new AccountScope { Tag = scope.Tag }) ? scope.Tag : null,
            ProviderId = Good(new AccountScope { ProviderId = scope.ProviderId }) ? scope.ProviderId : null,
            Model = Good(new AccountScope { Model = scope.Model }) ? scope.Model : null,
        };

        // A scope of nothing but what can never be met stands over nothing; without members it would stand over everything.
        return whole == new AccountScope() ? null : whole;
    }

    private static bool Good(AccountScope member) => !BudgetCheck.Problems(new BudgetEntry { Id = "b", Name = "", LimitNanoUsd = 0, Window = BudgetWindow.Total, Scope = member }).Any();

    private sealed record InForce(BudgetEntry Entry, string? Problem);
}
