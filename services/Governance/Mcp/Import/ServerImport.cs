using System.Text.Json;
using Gateway.Contracts.Configuration;
using Gateway.Governance.Api;
using Gateway.Governance.Credentials;
using Gateway.Governance.Entries;
using Gateway.Governance.Mcp.Servers;
using Gateway.Governance.Providers;
using Gateway.Mcp.Import;

namespace Gateway.Governance.Mcp.Import;

/// <summary>Registers the servers of an <c>mcpServers</c> document with their credentials: all of them in one change, or none.</summary>
internal sealed class ServerImport(ConfigStore store, KeyRing ring, McpServerResource servers, OverlayService overlay)
{
    public async Task<(ServerImportReport? Report, Problem? Refused)> RunAsync(JsonElement document, bool dryRun, CancellationToken cancellation)
    {
        var errors = new FieldErrors();
        var imported = McpServersDocument.Read(document, errors.Add);
        if (errors.Any)
        {
            return (null, Problem.Invalid(errors.All));
        }

        var outcome = await store.ChangeAsync(
            state =>
            {
                var writes = new List<EntryWrite>();
                var wrong = new FieldErrors();
                foreach (var one in imported)
                {
                    Check(one, state, wrong);
                    writes.Add(EntryWrite.Put(EntryKinds.McpServer, one.Server.Id, one.Server, StoredJson.Default.McpServerEntry));
                    writes.AddRange(one.Secrets.Select(s => EntryWrite.Put(
                        EntryKinds.Credential, s.CredentialId,
                        ring.Seal(new CredentialEntry { Id = s.CredentialId, ProviderId = one.Server.Id, Secret = s.Value }, null),
                        StoredJson.Default.StoredCredential)));
                }

                return wrong.Any ? ConfigChange.Refuse(Problem.Invalid(wrong.All)) : dryRun ? ConfigChange.None : ConfigChange.Of(writes) with { Via = "import" };
            },
            cancellation).ConfigureAwait(false);
        return outcome.Refused is { } refused
            ? (null, refused)
            : (new ServerImportReport
            {
                DryRun = dryRun,
                Servers = [.. imported.Select(static i => new ServerImported { Id = i.Server.Id, Name = i.Server.Name, Credentials = [.. i.Secrets.Select(static s => s.CredentialId)], Notes = i.Notes })],
            }, null);
    }

    // By the same reader as every other server, so that nothing comes in by an import that could not come in otherwise.
    private void Check(ImportedServer one, ConfigState state, FieldErrors errors)
    {
        var id = one.Server.Id;
        if (state.McpServers.ContainsKey(id))
        {
            errors.Add(id, "is there already: delete it first, or give it another name.");
        }

        using var json = JsonSerializer.SerializeToDocument(one.Server, StoredJson.Default.McpServerEntry);
        var own = new FieldErrors();
        var reader = new ObjectReader(json.RootElement, id, own);
        servers.Read(reader, new ReadContext<McpServerEntry>(null, null));
        reader.Close();
        servers.CheckReferences(one.Server, new EffectiveConfig(state, overlay.Current), own);
        foreach (var error in own.All)
        {
            errors.Add(error.Field, error.Message);
        }

        foreach (var secret in one.Secrets)
        {
            if (state.Credentials.ContainsKey(secret.CredentialId))
            {
                errors.Add(id, $"needs a credential '{secret.CredentialId}', and there is one of that id already.");
            }
            else if (CredentialForms.Problem(CredentialType.ApiKey, secret.Value) is { } problem)
            {
                errors.Add(id, $"has a secret that cannot be stored as the credential '{secret.CredentialId}': {problem}.");
            }
        }
    }
}
