def test_dump(agendas, catalogue):
    import pickle,time
    out={}
    for n in agendas:
        try: out[n]=agendas[n]
        except Exception as e: print(n,e); out[n]=str(e)
    pickle.dump(out,open("/tmp/agendas.pkl","wb")); print(catalogue.encoder.save())
