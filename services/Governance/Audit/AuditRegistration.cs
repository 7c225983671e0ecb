using Gateway.Governance.Access;
using Gateway.Governance.Entries;

namespace Gateway.Governance.Audit;

internal static class AuditRegistration
{
    public static void AddAudit(this WebApplicationBuilder builder)
    {
        var options = AuditOptions.From(builder.Configuration);
        var services = builder.Services;
        services.AddSingleton(options).AddSingleton<SigningKeys>().AddSingleton<CurrentOrigin>().AddSingleton<AuditLog>();
        services.AddSingleton<IChangeRecorder, ChangeAudit>();
        services.AddSingleton<Checkpoints>().AddSingleton<AuditQueries>().AddSingleton<AuditVerification>().AddSingleton<CheckpointDelivery>();
        if (options.ExportDirectory is { } folder)
        {
            services.AddSingleton<ICheckpointSink>(new FolderSink(folder));
        }

        services.AddHttpClient(WebhookSink.Client, c => c.Timeout = TimeSpan.FromSeconds(10));
        if (options.Webhook is { } address)
        {
            services.AddSingleton<ICheckpointSink>(s => new WebhookSink(address, options.WebhookToken, s.GetRequiredService<IHttpClientFactory>()));
        }

        services.AddSingleton<AccessAudit>().AddSingleton<IAccessLog>(s => s.GetRequiredService<AccessAudit>()).AddHostedService(s => s.GetRequiredService<AccessAudit>());
        services.AddHostedService<CheckpointService>();
    }
}
