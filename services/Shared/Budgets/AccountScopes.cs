using Gateway.Contracts.Configuration;

namespace Gateway.Budgets;

/// <summary>
/// Which requests a scope selects. What is known of a key is asked once for each key; model, tags and provider for each request or candidate. A scope without members
/// selects everything.
/// </summary>
public static class AccountScopes
{
    /// <summary>True when customer, team, user and key fit; null or empty stands for none.</summary>
    public static bool FitsAccounts(AccountScope scope, string? customerId, string? teamId, string? userId, string? keyId)
    {
        ArgumentNullException.ThrowIfNull(scope);
        return Fits(scope.CustomerId, customerId) && Fits(scope.TeamId, teamId) && Fits(scope.UserId, userId) && Fits(scope.KeyId, keyId);
    }

    /// <summary>True when the scope asks for no tag or one of the tags is its.</summary>
    public static bool FitsTags(AccountScope scope, IReadOnlyList<string> keyTags, IReadOnlyList<string> requestTags)
    {
        ArgumentNullException.ThrowIfNull(scope);
        return scope.Tag is null || Has(keyTags, scope.Tag) || Has(requestTags, scope.Tag);
    }

    /// <summary>True when the scope asks for no model or for this one, as the caller wrote it.</summary>
    public static bool FitsModel(AccountScope scope, string model)
    {
        ArgumentNullException.ThrowIfNull(scope);
        ArgumentNullException.ThrowIfNull(model);
        return scope.Model is not { } wanted
            || (wanted.EndsWith('*') ? model.AsSpan().StartsWith(wanted.AsSpan(0, wanted.Length - 1), StringComparison.Ordinal) : wanted == model);
    }

    /// <summary>True when the scope asks for no provider or for this one.</summary>
    public static bool FitsProvider(AccountScope scope, string providerId)
    {
        ArgumentNullException.ThrowIfNull(scope);
        return Fits(scope.ProviderId, providerId);
    }

    private static bool Fits(string? wanted, string? actual) => wanted is null || wanted == actual;

    private static bool Has(IReadOnlyList<string> tags, string tag)
    {
        ArgumentNullException.ThrowIfNull(tags);
        for (var i = 0; i < tags.Count; i++)
        {
            if (tags[i] == tag)
            {
                return true;
            }
        }

        return false;
    }
}
