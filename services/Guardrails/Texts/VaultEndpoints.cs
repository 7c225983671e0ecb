using Gateway.Contracts;
using Gateway.Contracts.Guardrails;
using Gateway.Guardrails.Vault;
using Gateway.ServiceDefaults.InternalAuth;
using Gateway.ServiceDefaults.Problems;

namespace Gateway.Guardrails.Texts;

/// <summary>Keeps what other services sealed, so that their replicas share it. This one cannot open it: each service has a key of its own.</summary>
internal static class VaultEndpoints
{
    private const int MaxName = 1_000;

    public static void MapVault(this WebApplication app)
    {
        app.MapPost("/v1/vault/load", LoadAsync).RequireInternalToken();
        app.MapPost("/v1/vault/add", AddAsync).RequireInternalToken();
    }

    private static async Task LoadAsync(HttpContext context)
    {
        if (await context.ReadJsonOrProblemAsync(ContractsJson.Default.GuardVaultQuery) is not { } query || !await IsIdAsync(context, query.Conversation))
        {
            return;
        }

        var kept = await context.RequestServices.GetRequiredService<IVaultStore>().LoadAsync(Id(query.Conversation), context.RequestAborted);
        var answer = new GuardVaultEntries { Conversation = query.Conversation, Entries = [.. kept.Select(static e => new GuardVaultEntry(e.Key, e.Value))] };
        await context.Response.WriteAsJsonAsync(answer, ContractsJson.Default.GuardVaultEntries, cancellationToken: context.RequestAborted);
    }

    private static async Task AddAsync(HttpContext context)
    {
        if (await context.ReadJsonOrProblemAsync(ContractsJson.Default.GuardVaultEntries) is not { } added || !await IsIdAsync(context, added.Conversation))
        {
            return;
        }

        if (added.Entries.Count is 0 or > GuardVaultEntries.MaxEntries || added.Entries.Any(static e => e is null || e.Name.Length is 0 or > MaxName || e.Box.IsEmpty) || added.Entries.DistinctBy(static e => e.Name, StringComparer.Ordinal).Count() != added.Entries.Count)
        {
            await RefuseAsync(context, $"$.entries must hold 1 to {GuardVaultEntries.MaxEntries} entries, each with a name of its own of 1 to {MaxName} characters and a box.");
            return;
        }

        var isAdded = await context.RequestServices.GetRequiredService<IVaultStore>()
            .TryAddAsync(Id(added.Conversation), [.. added.Entries.Select(static e => KeyValuePair.Create(e.Name, e.Box.ToArray()))], context.RequestAborted);
        await context.Response.WriteAsJsonAsync(new GuardVaultAnswer { Added = isAdded }, ContractsJson.Default.GuardVaultAnswer, cancellationToken: context.RequestAborted);
    }

    // Never one of the conversations that this service seals itself.
    private static string Id(string conversation) => "of:" + conversation;

    private static async ValueTask<bool> IsIdAsync(HttpContext context, string conversation)
    {
        if (conversation.Length is > 0 and <= GuardVaultQuery.MaxId)
        {
            return true;
        }

        await RefuseAsync(context, $"$.conversation must be a text of 1 to {GuardVaultQuery.MaxId} characters.");
        return false;
    }

    private static Task RefuseAsync(HttpContext context, string fault) =>
        context.WriteProblemAsync(StatusCodes.Status400BadRequest, "invalid_vault_call", "The vault cannot be used as asked.", fault);
}
