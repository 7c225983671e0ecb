using Gateway.Governance.Entries;

namespace Gateway.Governance.Secrets;

/// <summary>Who refers to secrets.</summary>
internal static class SecretReferences
{
    /// <summary>All references of a configuration.</summary>
    public static IReadOnlySet<SecretReference> Of(ConfigState state) => Users(state).Select(static u => u.Reference).ToHashSet();

    /// <summary>What cannot be read at present although it could before, in words.</summary>
    public static IEnumerable<string> Faults(ConfigState state, SecretBook book)
    {
        foreach (var (who, reference) in Users(state))
        {
            if (book.Look(reference) is not { Problem: { } problem } reading)
            {
                continue;
            }

            if (reading.ValueAt is { } at)
            {
                yield return $"The secret of {who} cannot be read from {reference}: {problem}. The value of {at.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC stays in force.";
            }
            else if (who.StartsWith("channel", StringComparison.Ordinal))
            {
                // Credentials without a value are told where they are left out of the snapshot.
                yield return $"The secret of {who} cannot be had from {reference}: {problem}.";
            }
        }
    }

    private static IEnumerable<(string Who, SecretReference Reference)> Users(ConfigState state)
        => state.Credentials.Values.Where(static c => c.Value.SecretRef is not null).Select(static c => ($"credential '{c.Value.Id}'", c.Value.SecretRef!))
            .Concat(state.AlertChannels.Values.Where(static c => c.Value.SecretRef is not null).Select(static c => ($"channel '{c.Value.Id}'", c.Value.SecretRef!)));
}
