using Gateway.Edge.Admission.Budgets;
using Gateway.Edge.Pipeline;

namespace Gateway.Edge.Admission;

/// <summary>
/// Brings the accounts and counters over a request near before they are needed. With thousands of keys those of one lie far away in memory, in several places each. Read one after the
/// other under their locks, each place would be waited for by itself, as a lock lets no later read begin; read first, without any, the processor fetches them side by side.
/// </summary>
internal static class Nearness
{
    // Written so that the reads are not left out as useless.
    [ThreadStatic]
    private static long _sink;

    /// <summary>Touches everything that admission will take from.</summary>
    public static void Touch(RequestContext context)
    {
        long seen = 0;
        foreach (var counter in context.Key!.Limits.Known)
        {
            seen += counter.Touch();
        }

        foreach (var account in BudgetGate.SetOf(context).Accounts)
        {
            seen += account.Touch();
        }

        _sink = seen;
    }
}
