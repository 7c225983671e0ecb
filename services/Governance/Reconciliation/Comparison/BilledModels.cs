using System.Text.RegularExpressions;

namespace Gateway.Governance.Reconciliation.Comparison;

/// <summary>Finds the same model under the names that bills, deployments and callers have for it.</summary>
internal static partial class BilledModels
{
    /// <summary>Letters and digits of the name without vendor, region, date and revision.</summary>
    public static string Key(string model)
    {
        var name = Revision().Replace(model[(model.LastIndexOf('/') + 1)..].ToLowerInvariant(), "");
        for (var dot = name.IndexOf('.', StringComparison.Ordinal); dot > 1 && !name.AsSpan(0, dot).ContainsAnyInRange('0', '9'); dot = name.IndexOf('.', StringComparison.Ordinal))
        {
            name = name[(dot + 1)..];
        }

        var plain = Bills.BilledUnits.Plain(Date().Replace(name, ""));
        return plain.Length > 0 ? plain : model;
    }

    [GeneratedRegex("-v[0-9]+(:[0-9]+)?$", RegexOptions.NonBacktracking)]
    private static partial Regex Revision();

    [GeneratedRegex("[-@](20[0-9]{2}-[0-9]{2}-[0-9]{2}|20[0-9]{6})$", RegexOptions.NonBacktracking)]
    private static partial Regex Date();
}
