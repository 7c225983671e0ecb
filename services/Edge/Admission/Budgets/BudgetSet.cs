namespace Gateway.Edge.Admission.Budgets;

/// <summary>Every account over a request: what stands over it whoever serves it, and what stands over it at some providers. Made once for each kind of request.</summary>
internal sealed class BudgetSet
{
    /// <summary>Most providers with budgets of their own over one request: what is held is kept as a set of bits.</summary>
    public const int MostProviders = 64;

    public BudgetSet(IEnumerable<BudgetAccount> accounts, IEnumerable<(string ProviderId, BudgetAccount Account)> atProviders)
    {
        // Ordered by name, so that every request holds its accounts in the same order.
        Accounts = [.. accounts.Distinct().OrderBy(static a => a.Name, StringComparer.Ordinal)];
        Names = string.Join(' ', Accounts.Select(static a => a.Name));
        Providers =
        [
            .. atProviders.GroupBy(static p => p.ProviderId, StringComparer.Ordinal)
                .Select(g => new ProviderBudgets(g.Key, [.. g.Select(static p => p.Account).Distinct().Except(Accounts).OrderBy(static a => a.Name, StringComparer.Ordinal)], Names))
                .Where(static p => p.Accounts.Length > 0).OrderBy(static p => p.ProviderId, StringComparer.Ordinal).Take(MostProviders),
        ];
    }

    public static BudgetSet None { get; } = new([], []);

    public BudgetAccount[] Accounts { get; }

    /// <summary>Accounts that stand over the request at one provider only.</summary>
    public ProviderBudgets[] Providers { get; }

    /// <summary>Names of <see cref="Accounts"/>, separated by one space.</summary>
    public string Names { get; }

    public bool IsEmpty => Accounts.Length == 0 && Providers.Length == 0;

    /// <summary>Place of a provider in <see cref="Providers"/>, or -1.</summary>
    public int IndexOf(string providerId)
    {
        for (var i = 0; i < Providers.Length; i++)
        {
            if (Providers[i].ProviderId == providerId)
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Names of the accounts that a request is charged to, separated by one space.</summary>
    /// <param name="worked">The providers that worked on it.</param>
    public string NamesFor(ulong worked)
    {
        if (worked == 0)
        {
            return Names;
        }

        if (ulong.IsPow2(worked))
        {
            return Providers[System.Numerics.BitOperations.TrailingZeroCount(worked)].AllNames;
        }

        var names = Accounts.Select(static a => a.Name);
        for (var i = 0; i < Providers.Length; i++)
        {
            if ((worked & (1UL << i)) != 0)
            {
                names = names.Concat(Providers[i].Accounts.Select(static a => a.Name));
            }
        }

        return string.Join(' ', names.Distinct(StringComparer.Ordinal));
    }
}

/// <summary>The accounts over a request at one provider.</summary>
internal sealed class ProviderBudgets(string providerId, BudgetAccount[] accounts, string namesBefore)
{
    public string ProviderId { get; } = providerId;

    public BudgetAccount[] Accounts { get; } = accounts;

    /// <summary>Names of all accounts of a request that this provider serves, separated by one space.</summary>
    public string AllNames { get; } = string.Join(' ', accounts.Select(static a => a.Name).Prepend(namesBefore).Where(static n => n.Length > 0));
}
