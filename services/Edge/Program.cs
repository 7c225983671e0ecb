using Gateway.Edge.Hosting;

return await EdgeCommand.Create(EdgeApp.RunAsync).Parse(args).InvokeAsync().ConfigureAwait(false);
