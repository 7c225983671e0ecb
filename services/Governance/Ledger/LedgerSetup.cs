using Gateway.Governance.Usage.Ingestion;

namespace Gateway.Governance.Ledger;

/// <summary>Registers the ledger of budgets.</summary>
internal static class LedgerSetup
{
    public static IServiceCollection AddBudgetLedger(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton(LedgerOptions.From(configuration));
        services.AddSingleton<WindowClocks>().AddSingleton<BudgetCatalogues>().AddSingleton<AccountBook>().AddSingleton<WindowRegistry>();
        services.AddSingleton<BudgetCharges>().AddSingleton<IUsageCharge>(s => s.GetRequiredService<BudgetCharges>()).AddSingleton<RunBook>().AddSingleton<LeaseDesk>();
        services.AddSingleton<LeaseWriter>().AddHostedService(s => s.GetRequiredService<LeaseWriter>());
        return services.AddHostedService<RunSweeper>();
    }
}
