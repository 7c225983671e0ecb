using Gateway.Accounts;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Admission.Budgets;

namespace Gateway.Edge.Accounts;

/// <summary>The keys of a configuration, with what the next ones are made from.</summary>
/// <param name="Snapshot">The configuration.</param>
/// <param name="Table">Its keys.</param>
/// <param name="Tree">Its accounts.</param>
/// <param name="Budgets">Its budgets.</param>
internal sealed record KeyModel(GatewaySnapshot Snapshot, KeyTable Table, AccountTree Tree, KeyBudgetsBuilder Budgets);
