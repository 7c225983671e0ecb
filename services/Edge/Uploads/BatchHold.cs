using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Gateway.Edge.Admission.Budgets;

namespace Gateway.Edge.Uploads;

/// <summary>
/// What was charged for a batch when it was made: its upper bound, since it ends long after the request that made it, maybe on another edge. It is given back to the same budgets, in the
/// windows that it was charged in, when the batch is billed. Kept in the batch's metadata at the provider.
/// </summary>
/// <param name="NanoUsd">The amount; 0 when nothing was charged.</param>
/// <param name="StartedAtMicros">When the request came that made the batch: the windows that it counts in.</param>
/// <param name="Budgets">The budgets charged: <see cref="NameLength"/> characters for each.</param>
internal readonly record struct BatchHold(long NanoUsd, long StartedAtMicros, string Budgets)
{
    private const char Separator = '.';
    private const int NameBytes = 6;
    private const int NameLength = 8;

    /// <summary>What is charged to some accounts.</summary>
    public static BatchHold Of(long nanoUsd, long startedAtMicros, IEnumerable<BudgetAccount> accounts) =>
        new(nanoUsd, startedAtMicros, string.Concat(accounts.Select(static a => Short(a.Budget.Id)).Distinct(StringComparer.Ordinal)));

    /// <summary>True when a budget was charged. A budget that came to stand over the key later was not, and gets nothing back.</summary>
    public bool Charged(BudgetAccount account)
    {
        var name = Short(account.Budget.Id);
        for (var i = 0; i + NameLength <= Budgets.Length; i += NameLength)
        {
            if (Budgets.AsSpan(i, NameLength).SequenceEqual(name))
            {
                return true;
            }
        }

        return false;
    }

    public override string ToString() => NanoUsd == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{NanoUsd}{Separator}{StartedAtMicros}{Separator}{Budgets}");

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static bool TryParse(string text, out BatchHold hold)
    {
        hold = new BatchHold(0, 0, "");
        if (text.Length == 0)
        {
            return true;
        }

        if (text.Split(Separator, 3) is not [var amount, var started, var budgets]
            || !long.TryParse(amount, NumberStyles.None, CultureInfo.InvariantCulture, out var nanoUsd) || !long.TryParse(started, NumberStyles.None, CultureInfo.InvariantCulture, out var micros))
        {
            return false;
        }

        hold = new BatchHold(nanoUsd, micros, budgets);
        return true;
    }

    private static string Short(string budgetId) => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(budgetId)).AsSpan(0, NameBytes));
}
